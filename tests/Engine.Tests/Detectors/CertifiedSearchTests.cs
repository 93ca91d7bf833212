using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Tests.Search;

namespace MrfAd.Engine.Tests.Detectors;

public sealed class CertifiedSearchTests : IDisposable
{
    private const int Cases = 10_000;

    private readonly SearchScratch _scratch = new(1);
    private readonly List<TestRows> _banks = [.. Enumerable.Range(0, 24).Select(Bank)];

    public void Dispose()
    {
        _scratch.Dispose();
        _banks.ForEach(bank => bank.Dispose());
    }

    /// <summary>Odd sizes, ties, weights, masks, ignored regions, duplicate rows, excluded rows, thresholds anywhere, and guesses of an earlier image: the result is the full search's, bit for bit.</summary>
    [Fact]
    public void Scores_that_decide_are_those_of_the_full_search()
    {
        var searched = 0.0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var scene = new Scene(new Random(seed), _banks);
            var certified = new CertifiedSearch(scene.Features, scene.Searches, scene.Fusion, scene.Maps, scene.Nearest, _scratch);
            for (var image = 0; image < 2; image++)
            {
                scene.NextImage();
                var full = scene.FullSearch(_scratch);
                var limits = (float[])[full.Max(), full[seed % full.Length], 1.5f * full.Max(), 0.9f * full.Max()];
                var threshold = limits[(seed / 7) % limits.Length];

                certified.Bound(scene.Mask, scene.Regions, scene.Exclude);
                scene.Fusion.Fuse(scene.Maps);
                certified.Prove(threshold);
                searched += (double)certified.SearchedPatches / scene.Maps.Sum(m => m.Length) / (2 * Cases);

                Assert.True(full.Max() == scene.Bounds.ToArray().Max(), $"case {seed}: score {full.Max():R}, got {scene.Bounds.ToArray().Max():R}");
                Assert.True(certified.ExactFrom <= MathF.Min(threshold, full.Max()), $"case {seed}");
                AssertExactFrom(certified.ExactFrom, full, scene, seed);

                certified.MakeExact(0.7f * threshold);
                AssertExactFrom(0.7f * threshold, full, scene, seed);
            }
        }

        Assert.InRange(searched, 0.01, 0.9); // it is no full search in disguise
    }

    [Fact]
    public void A_value_that_is_not_finite_stays_in_the_map()
    {
        var scene = new Scene(new Random(1), _banks);
        scene.NextImage();
        scene.Spoil();
        var certified = new CertifiedSearch(scene.Features, scene.Searches, scene.Fusion, scene.Maps, scene.Nearest, _scratch);

        certified.Bound(null, null, null);
        scene.Fusion.Fuse(scene.Maps);
        certified.Prove(1);

        Assert.Contains(scene.Bounds.ToArray(), score => !float.IsFinite(score));
    }

    /// <summary>Every pixel at or above the limit, in either map, is equal in both, and so are those beside it; nowhere does a bound lie below the score.</summary>
    private static void AssertExactFrom(float limit, float[] full, Scene scene, int seed)
    {
        var (width, height) = (scene.Width, scene.Height);
        var bounds = scene.Bounds;
        var slack = 1e-5f * full.Max();
        for (var i = 0; i < full.Length; i++)
        {
            if (!(bounds[i] >= full[i] - slack))
                Assert.Fail($"case {seed}: pixel {i} has the bound {bounds[i]:R}, its score is {full[i]:R}");
            if (full[i] < limit && bounds[i] < limit)
                continue;
            for (var y = Math.Max(0, (i / width) - 1); y <= Math.Min(height - 1, (i / width) + 1); y++)
            {
                for (var x = Math.Max(0, (i % width) - 1); x <= Math.Min(width - 1, (i % width) + 1); x++)
                {
                    if (bounds[(y * width) + x] != full[(y * width) + x])
                        Assert.Fail($"case {seed}: pixel {x}, {y}: score {full[(y * width) + x]:R}, got {bounds[(y * width) + x]:R}, limit {limit:R}");
                }
            }
        }
    }

    /// <summary>Rows of all kinds: clustered and spread, many and one, duplicates, all alike, in each precision.</summary>
    private static TestRows Bank(int kind)
    {
        var random = new Random(kind);
        int[] dimensions = [3, 8, 17, 40];
        var (dimension, rows) = (dimensions[kind % 4], kind % 6 == 5 ? 2 : 30 + random.Next(400));
        var values = kind % 3 == 0 ? TestRows.Uniform(random, rows, dimension) : TestRows.Clustered(random, rows, dimension, 1 + (kind % 9), 0.05);
        for (var i = 0; i < (kind % 2 * rows); i++)
            Array.Copy(values, random.Next(rows) * dimension, values, random.Next(rows) * dimension, dimension);
        return TestRows.Store(values, dimension, (RowPrecision)(kind / 4 % 3));
    }

    /// <summary>Images of random size and content, with the banks of their branches.</summary>
    private sealed class Scene
    {
        private readonly Random _random;
        private readonly TestRows[] _banks;
        private readonly (int Width, int Height)[] _grids;
        private readonly FeatureLayout[] _layouts;
        private readonly float[][] _features;

        public Scene(Random random, List<TestRows> banks)
        {
            _random = random;
            (Width, Height) = (1 + random.Next(40), 1 + random.Next(30));
            var branches = 1 + random.Next(4);
            _banks = [.. Enumerable.Range(0, branches).Select(_ => banks[random.Next(banks.Count)])];
            _grids = [.. Enumerable.Range(0, branches).Select(_ => (1 + random.Next(12), 1 + random.Next(10)))];
            _layouts = [.. Enumerable.Range(0, branches).Select(_ => (FeatureLayout)random.Next(2))];
            _features = new float[branches][];
            Maps = [.. _grids.Select(g => new float[g.Width * g.Height])];
            Nearest = [.. Maps.Select(m => Enumerable.Repeat(-1, m.Length).ToArray())];
            Fusion = new MapFusion(_grids, Width, Height, parallel: false) { Weights = random.Next(3) == 0 ? [.. _grids.Select(_ => 0.1f + (5 * random.NextSingle()))] : null };
            if (random.Next(3) == 0)
                Mask = new PartMask(Width, Height);
            if (random.Next(3) == 0)
                Regions = Hole();
            if (random.Next(3) == 0)
                Exclude = b => new RowRange(0, Math.Min(_banks[b].Rows.Count - 1, 1 + (b * 7)));
        }

        public int Width { get; }

        public int Height { get; }

        public PartMask? Mask { get; }

        public RegionLabels? Regions { get; }

        public Func<int, RowRange>? Exclude { get; }

        public float[][] Maps { get; }

        public int[][] Nearest { get; }

        public MapFusion Fusion { get; }

        public IReadOnlyList<ExactSearch> Searches => [.. _banks.Select(b => b.Exact)];

        public ReadOnlySpan<float> Bounds => Fusion.Result.Scores;

        public PatchFeatures Features(int b) => new(_grids[b].Width, _grids[b].Height, _banks[b].Dimension, _layouts[b], _features[b]);

        /// <summary>Draws an image: patches near rows, on them, far from all, or all alike.</summary>
        public void NextImage()
        {
            var (isFlat, noise) = (_random.Next(5) == 0, Math.Pow(10, -_random.Next(4)));
            for (var b = 0; b < _banks.Length; b++)
            {
                var (count, dimension, bank) = (Maps[b].Length, _banks[b].Dimension, _banks[b].Rows);
                var (buffer, flat) = (new float[dimension], _random.Next(bank.Count));
                _features[b] = new float[count * dimension];
                for (var p = 0; p < count; p++)
                {
                    var row = bank.Get(isFlat ? flat : _random.Next(bank.Count), buffer);
                    var far = _random.Next(20) == 0 ? 1 : noise;
                    for (var k = 0; k < dimension; k++)
                        _features[b][_layouts[b] == FeatureLayout.PatchesFirst ? (p * dimension) + k : (k * count) + p] = row[k] + (isFlat ? 0.25f : (float)(far * (_random.NextDouble() - 0.5)));
                }
            }

            Mask?.Set([.. Enumerable.Range(0, Width * Height).Select(i => i % Width < Width / 2 || _random.Next(6) == 0 ? 1f : 0f)], 0.5f);
        }

        public void Spoil() => _features[0][0] = float.NaN;

        /// <summary>Searches every patch of the part, and fuses the maps.</summary>
        public float[] FullSearch(SearchScratch scratch)
        {
            var maps = new float[Maps.Length][];
            for (var b = 0; b < maps.Length; b++)
            {
                maps[b] = new float[Maps[b].Length];
                _banks[b].Exact.Search(_features[b], _layouts[b], maps[b], Enumerable.Repeat(-1, maps[b].Length).ToArray(), scratch, Exclude?.Invoke(b) ?? RowRange.None);
                var cells = new int[maps[b].Length];
                var part = Mask is null ? maps[b].Length : Mask.Cells(_grids[b].Width, _grids[b].Height, cells);
                foreach (var background in Enumerable.Range(0, Mask is null ? 0 : maps[b].Length).Except(cells.Take(part)))
                    maps[b][background] = 0;
                if (Regions is not null)
                    maps[b] = WithHeldEdges(maps[b], _grids[b].Width, Regions.Inspected(_grids[b].Width, _grids[b].Height).ToArray());
            }

            return new MapFusion(_grids, Width, Height, parallel: false) { Weights = Fusion.Weights }.Fuse(maps).Scores.ToArray();
        }

        /// <returns>The scores, where each ignored patch has the highest score of the inspected ones beside it, by a side or else by a corner, and 0 where there are none.</returns>
        private static float[] WithHeldEdges(float[] scores, int width, bool[] inspected) =>
        [
            .. scores.Select((score, i) => inspected[i]
                ? score
                : Enumerable.Range(0, scores.Length).Where(j => inspected[j] && Math.Abs((j % width) - (i % width)) <= 1 && Math.Abs((j / width) - (i / width)) <= 1)
                    .GroupBy(j => j % width == i % width || j / width == i / width).OrderByDescending(bySide => bySide.Key).FirstOrDefault()?.Max(j => scores[j]) ?? 0),
        ];

        private RegionLabels? Hole()
        {
            var (x, y) = (_random.Next(Width), _random.Next(Height));
            double[][] corners = [[x, y], [Math.Min(Width, x + 1 + _random.Next(Width)), y], [x, Math.Min(Height, y + 1 + _random.Next(Height))]];
            try
            {
                return new RegionLabels(new PartRegions { WidthPx = Width, HeightPx = Height, Regions = [new PartRegion { Name = "hole", Kind = RegionKind.Ignore, Points = corners }] });
            }
            catch (RegionException)
            {
                return null; // nothing would be left
            }
        }
    }
}
