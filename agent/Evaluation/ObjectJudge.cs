using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Evaluation;

/// <summary>All figures of one object from the maps of its images.</summary>
/// <param name="threshold">Given by the user, where good images give none.</param>
public sealed class ObjectJudge(
    DatasetObject set, IMapStore store, Learned learned, double? threshold, IProgress<LearnProgress>? progress, CancellationToken cancellation)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };

    /// <param name="problems">Those known so far; what cannot be judged is added.</param>
    public ObjectResult Judge(List<string> problems)
    {
        var images = Label(problems);
        var heldOut = HeldOut();
        var variants = Variant.Of(learned.Maps);
        var results = new List<VariantResult>();
        IReadOnlyList<ImageResult> imageResults = [];
        var scale = new HeatmapScale(0, 1);
        foreach (var variant in variants)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<MapName> names = [.. variant.Maps.Select(i => learned.Maps[i])];
            var pixelThreshold = PixelThreshold(variant, names, heldOut);
            var scores = Scores(names, images, pixelThreshold);
            var (result, unknown) = Figures(variant, names, images, scores, pixelThreshold);
            results.Add(result);
            if (variant.Name == Variant.Fused)
            {
                problems.AddRange(unknown);
                imageResults = Images(names, images, scores);
                scale = learned.Calibration?.HeatmapScale ?? Scale(scores);
            }

            progress?.Report(new LearnProgress($"{set.Name}: figures", results.Count, variants.Count));
        }

        var sizes = images.Select(i => (i.Width, i.Height)).Distinct().Order().ToList();
        return new ObjectResult(
            set.Name,
            learned.Calibration is null ? 0 : set.Train.Count - learned.Skipped.Count,
            heldOut.Count,
            images.Count(i => !i.Defective),
            images.Count(i => i.Defective),
            images.Count(i => i.Defective && i.Regions is not null),
            sizes.Count == 0 ? "none" : sizes.Count == 1 ? $"{sizes[0].Width}x{sizes[0].Height}" : $"{sizes[0].Width}x{sizes[0].Height} to {sizes[^1].Width}x{sizes[^1].Height} ({sizes.Count} sizes)",
            learned.Calibration?.Threshold ?? threshold,
            scale,
            images.Count > 0 && images[0].Ms > 0 ? images.Select(i => i.Ms).Order().ElementAt(images.Count / 2) : null,
            learned.Maps,
            results,
            imageResults,
            [],
            problems);
    }

    /// <summary>The labelled images that have a map, with their masks.</summary>
    private List<LabelledImage> Label(List<string> problems)
    {
        var images = new List<LabelledImage>();
        var labelled = set.Test.Where(i => i.Defective is not null).ToList();
        foreach (var (image, i) in labelled.Select((image, i) => (image, i)))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var scored = store.Read(image, learned.Maps);
                var (width, height) = store is ForeignMaps ? SizeOf(image) : (scored.Width, scored.Height);
                if (scored.Width != width || scored.Height != height)
                    throw new DatasetException($"{image.Path}: its map is {scored.Width}x{scored.Height}, the image {width}x{height}");
                images.Add(new LabelledImage(image, width, height, Regions(image, width, height, problems), scored.Ms));
            }
            catch (Exception e) when (e is DatasetException or ImageFormatException or FileNotFoundException)
            {
                if (!problems.Exists(p => p.Contains(image.Path, StringComparison.Ordinal)))
                    problems.Add(e.Message);
            }

            progress?.Report(new LearnProgress($"{set.Name}: masks", i + 1, labelled.Count));
        }

        return images;
    }

    private static MaskRegions? Regions(DatasetImage image, int width, int height, List<string> problems)
    {
        try
        {
            return DatasetMask.Read(image, width, height);
        }
        catch (DatasetException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }

    private static (int Width, int Height) SizeOf(DatasetImage image)
    {
        using var pixels = ImageCodec.Read(image.Path);
        return (pixels.Width, pixels.Height);
    }

    /// <summary>Held-out images that have a map.</summary>
    private List<DatasetImage> HeldOut() => [.. set.HeldOut.Where(image =>
    {
        try
        {
            return store.Read(image, learned.Maps).Width > 0;
        }
        catch (DatasetException)
        {
            return false;
        }
    })];

    /// <summary>mean + 3·std of the pixels of good-only images: the held-out ones where the set has such, else those of the calibration's folds.</summary>
    private double? PixelThreshold(Variant variant, IReadOnlyList<MapName> names, List<DatasetImage> heldOut)
    {
        if (heldOut.Count == 0)
            return variant.Name == Variant.Fused ? learned.Calibration?.MeanPlus3Std ?? threshold : null;
        using var maps = new VariantMaps(store, names, [.. heldOut.Select(i => (i, MaskRegions.None(1, 1)))]);
        var sums = new (double Sum, double Squares, long Count)[heldOut.Count];
        Parallel.For(0, heldOut.Count, _parallel, i =>
        {
            var (sum, squares) = (0.0, 0.0);
            var scores = maps.Read(i);
            foreach (var score in scores)
            {
                sum += score;
                squares += (double)score * score;
            }

            sums[i] = (sum, squares, scores.Length);
        });
        var count = sums.Sum(s => s.Count);
        var mean = sums.Sum(s => s.Sum) / count;
        return mean + (3 * Math.Sqrt(Math.Max(0, (sums.Sum(s => s.Squares) / count) - (mean * mean))));
    }

    private ImageScores[] Scores(IReadOnlyList<MapName> names, List<LabelledImage> images, double? pixelThreshold)
    {
        using var maps = new VariantMaps(store, names, [.. images.Select(i => (i.Image, i.Regions ?? MaskRegions.None(i.Width, i.Height)))]);
        var scores = new ImageScores[images.Count];
        Parallel.For(0, images.Count, _parallel, i =>
        {
            var map = maps.Read(i);
            var (hits, alarms) = (0L, 0L);
            foreach (var (begin, end, region) in maps.Regions(i).Stretches())
            {
                var above = 0;
                foreach (var score in map[begin..end])
                    above += score > pixelThreshold ? 1 : 0;
                (hits, alarms) = region < 0 ? (hits, alarms + above) : (hits + above, alarms);
            }

            scores[i] = new ImageScores(Lowest(map), ImageScore.Max(map), ImageScore.TopPercent(map), hits, alarms);
        });
        return scores;
    }

    /// <returns>The figures, and for each that does not exist for this set, why.</returns>
    private (VariantResult Result, List<string> Unknown) Figures(
        Variant variant, IReadOnlyList<MapName> names, List<LabelledImage> images, ImageScores[] scores, double? pixelThreshold)
    {
        var figures = new Dictionary<string, double>();
        var unknown = new List<string>();
        IReadOnlyList<CurvePoint> curve = [];
        var masked = images.Where(i => i.Regions is not null).ToList();
        try
        {
            // A plain folder need have no masks at all.
            if (set.Layout != DatasetLayout.Folder || masked.Exists(i => i.Defective))
            {
                using var maps = new VariantMaps(store, names, [.. masked.Select(i => (i.Image, i.Regions!))]);
                var pixels = PixelCurve.Of(maps, set.Name, cancellation: cancellation);
                Add(Figure.OfPixels(pixels));
                curve = pixels.Drawn;
            }
        }
        catch (MetricException e)
        {
            unknown.Add(e.Message);
        }

        try
        {
            Add(Figure.OfImages(Curve(s => s.Max), Curve(s => s.Top)));
        }
        catch (MetricException e)
        {
            unknown.Add(e.Message);
        }

        if (pixelThreshold is { } t)
        {
            if (curve.Count > 0)
            {
                var hits = scores.Sum(s => s.Hits);
                var alarms = Enumerable.Range(0, images.Count).Where(i => images[i].Regions is not null).Sum(i => scores[i].Alarms);
                figures[Figure.SegF1.Key] = F1(hits, alarms, masked.Sum(i => (long)i.Regions!.DefectPixels));
            }

            if (images.Exists(i => i.Defective))
            {
                figures[Figure.ClassF1.Key] = F1(
                    Enumerable.Range(0, images.Count).Count(i => images[i].Defective && scores[i].Max > t),
                    Enumerable.Range(0, images.Count).Count(i => !images[i].Defective && scores[i].Max > t),
                    images.Count(i => i.Defective));
            }
        }

        return (new VariantResult(variant.Name, figures, pixelThreshold, variant.IsDrawn ? [.. curve.Select(Rounded)] : []), unknown);

        void Add(IEnumerable<(string Key, double Value)> values)
        {
            foreach (var (key, value) in values)
                figures[key] = value;
        }

        ScoreCurve Curve(Func<ImageScores, float> score)
        {
            var byLabel = Enumerable.Range(0, images.Count).ToLookup(i => images[i].Defective, i => score(scores[i]));
            return ScoreCurve.Of(byLabel[false], byLabel[true], set.Name);
        }
    }

    private List<ImageResult> Images(IReadOnlyList<MapName> names, List<LabelledImage> images, ImageScores[] scores)
    {
        using var maps = new VariantMaps(store, names, [.. images.Select(i => (i.Image, i.Regions ?? MaskRegions.None(i.Width, i.Height)))]);
        var results = new List<ImageResult>();
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (image, mine) = (images[i], scores[i].Max);
            var others = Enumerable.Range(0, images.Count).Where(o => images[o].Defective != image.Defective).Select(o => image.Defective ? mine.CompareTo(scores[o].Max) : scores[o].Max.CompareTo(mine)).ToList();
            results.Add(new ImageResult(
                image.Image.Name, image.Image.Kind, image.Defective, image.Width, image.Height, mine, scores[i].Top,
                others.Count == 0 ? 1 : others.Average(sign => sign > 0 ? 1 : sign == 0 ? 0.5 : 0),
                image.Regions is { DefectPixels: > 0, OkPixels: > 0 } ? PixelCurve.Of(new OneOf(maps, i), image.Image.Name, cancellation: cancellation).AuPro(0.3) : null,
                image.Ms));
        }

        return results;
    }

    private static float Lowest(ReadOnlySpan<float> map)
    {
        var lowest = float.PositiveInfinity;
        foreach (var score in map)
            lowest = Math.Min(lowest, score);
        return lowest;
    }

    /// <summary>Where good parts did not give one: from the lowest score to the highest of all images.</summary>
    private static HeatmapScale Scale(ImageScores[] scores) =>
        scores.Length == 0 ? new(0, 1) : new(scores.Min(s => s.Min), Math.Max(scores.Max(s => s.Max), MathF.BitIncrement(scores.Min(s => s.Min))));

    private static CurvePoint Rounded(CurvePoint p) => new(Math.Round(p.FalsePositiveRate, 5), Math.Round(p.Overlap, 5), Math.Round(p.TruePositiveRate, 5));

    private static double F1(long hits, long alarms, long wanted) => 2.0 * hits / Math.Max(1, hits + alarms + wanted);

    /// <param name="Hits">Defective pixels above the threshold.</param>
    /// <param name="Alarms">Ok pixels above it.</param>
    private readonly record struct ImageScores(float Min, float Max, float Top, long Hits, long Alarms);

    private sealed class OneOf(IPixelMaps all, int index) : IPixelMaps
    {
        public int Count => 1;

        public MaskRegions Regions(int image) => all.Regions(index);

        public ReadOnlySpan<float> Read(int image) => all.Read(index);
    }
}
