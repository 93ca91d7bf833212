using System.Numerics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Detectors;

/// <summary>
/// Finds the exact score of an image while only a few patches are searched exactly. The distance to any row of a bank is an upper bound of the distance to
/// the nearest one, and the interpolation and the mean of eq. 6, weighted or not, have no negative weights: the map of bounds lies above the true map everywhere. So only patches
/// that can still change a pixel at or above a limit are searched (branch and bound), coarse branches first, since one of their patches decides many pixels.
/// What is at or above the limit has the bits of the full search then; elsewhere the map holds bounds. Not thread-safe.
/// </summary>
/// <param name="features">Returns the features of a branch, of the image that the caller extracted last.</param>
/// <param name="fusion">The fusion of the maps, which the caller runs between <see cref="Bound"/> and <see cref="Prove"/>.</param>
/// <param name="maps">The score map of each branch, [h·w], filled here.</param>
/// <param name="nearest">The row of each patch of each branch, [h·w]: of the last image on entry, and -1 for background.</param>
public sealed class CertifiedSearch(BranchFeatures features, IReadOnlyList<ExactSearch> searches, MapFusion fusion, float[][] maps, int[][] nearest, SearchScratch scratch)
{
    // The cells of the image, along each side, of which the highest pixels compete to be the first that are searched.
    private const int Cells = 8;

    // The number of pixels that are searched first: the highest of them is a score that the image has at least.
    private const int FirstPixels = 4;

    private readonly PartSearch _part = new();
    private readonly bool[][] _exact = [.. maps.Select(m => new bool[m.Length])];
    private readonly bool[][] _wanted = [.. maps.Select(m => new bool[m.Length])];
    private readonly int[][] _patches = [.. maps.Select(m => new int[m.Length])];
    private readonly int[] _coarseFirst = [.. Enumerable.Range(0, maps.Length).OrderBy(i => maps[i].Length)];
    private readonly List<PixelRun> _hot = [];
    private readonly List<PixelRun> _stillHot = [];
    private RegionLabels? _regions;
    private Func<int, RowRange>? _exclude;
    private float _margin;

    /// <summary>The score from which on the map is exact.</summary>
    public float ExactFrom { get; private set; }

    /// <summary>The number of patches of the last image that were searched exactly.</summary>
    public int SearchedPatches { get; private set; }

    private AnomalyMap Map => fusion.Result;

    /// <summary>Fills the branches' maps with upper bounds, for the caller to fuse.</summary>
    public void Bound(PartMask? mask, RegionLabels? regions, Func<int, RowRange>? exclude)
    {
        (_regions, _exclude, ExactFrom, SearchedPatches) = (regions, exclude, float.PositiveInfinity, 0);
        var highest = 0f;
        for (var b = 0; b < maps.Length; b++)
        {
            _part.Bound(searches[b], features(b), mask, regions, maps[b], nearest[b], scratch, exclude?.Invoke(b) ?? RowRange.None);
            for (var p = 0; p < maps[b].Length; p++)
            {
                _exact[b][p] = nearest[b][p] < 0;
                highest = MathF.Max(highest, maps[b][p] * (fusion.Weights?[b] ?? 1));
            }
        }

        // A bound on the rounding errors of a fused score: three roundings for each interpolation along an axis, one for the weight, and one for each branch.
        _margin = highest * (maps.Length + 9) / (1 << 22);
    }

    /// <summary>Makes the fused map's highest score exact, and all scores at or above <paramref name="threshold"/>.</summary>
    public void Prove(float threshold) => MakeExact(MathF.Min(threshold, LowerBound()));

    /// <summary>Makes all pixels at or above a score exact, and those beside them, so that interpolated ones are exact, too.</summary>
    public void MakeExact(float from)
    {
        if (from >= ExactFrom)
            return;
        FindHot(from - _margin);
        foreach (var b in _coarseFirst)
        {
            if (SearchSourcesOf(_hot, b) > 0)
                KeepHot(from - _margin);
        }

        foreach (var (y, x0, x1) in _hot)
        {
            for (var beside = Math.Max(0, y - 1); beside <= Math.Min(Map.Height - 1, y + 1); beside++)
                fusion.Update(new PixelRun(beside, Math.Max(0, x0 - 1), Math.Min(Map.Width, x1 + 1)));
        }

        ExactFrom = from;
    }

    /// <summary>Returns a score that the image has at least: the highest of a few promising pixels.</summary>
    private float LowerBound()
    {
        var (w, h) = (Map.Width, Map.Height);
        _hot.Clear();
        _hot.AddRange(Enumerable.Range(0, Cells * Cells)
            .Select(cell => HighestIn(cell % Cells * w / Cells, ((cell % Cells) + 1) * w / Cells, cell / Cells * h / Cells, ((cell / Cells) + 1) * h / Cells))
            .OfType<PixelRun>()
            .OrderByDescending(p => Map.Row(p.Y)[p.X0])
            .Take(FirstPixels));
        for (var b = 0; b < maps.Length; b++)
            SearchSourcesOf(_hot, b);
        var lower = float.NegativeInfinity;
        foreach (var pixel in _hot)
            lower = MathF.Max(lower, fusion.Update(pixel)[0]);
        return lower;
    }

    private PixelRun? HighestIn(int x0, int x1, int y0, int y1)
    {
        (PixelRun? at, var highest) = (null, float.NegativeInfinity);
        for (var y = y0; y < y1; y++)
        {
            var row = Map.Row(y)[x0..x1];
            for (var x = 0; x < row.Length; x++)
            {
                if (row[x] > highest)
                    (at, highest) = (new PixelRun(y, x0 + x, x0 + x + 1), row[x]);
            }
        }

        return at;
    }

    private void FindHot(float from)
    {
        _hot.Clear();
        for (var y = 0; y < Map.Height; y++)
            AddHot(Map.Row(y), new PixelRun(y, 0, Map.Width), from, _hot);
    }

    /// <summary>Computes the hot pixels again and forgets those that have fallen below the limit.</summary>
    private void KeepHot(float from)
    {
        _stillHot.Clear();
        foreach (var run in _hot)
            AddHot(fusion.Update(run), run, from, _stillHot);
        _hot.Clear();
        _hot.AddRange(_stillHot);
    }

    private static void AddHot(ReadOnlySpan<float> scores, PixelRun run, float from, List<PixelRun> hot)
    {
        var limit = new Vector<float>(from);
        for (var x = 0; x < scores.Length; x++)
        {
            while (x + Vector<float>.Count <= scores.Length && !Vector.GreaterThanOrEqualAny(new Vector<float>(scores[x..]), limit))
                x += Vector<float>.Count;
            while (x < scores.Length && !(scores[x] >= from))
                x++;
            var start = x;
            while (x < scores.Length && scores[x] >= from)
                x++;
            if (x > start)
                hot.Add(new PixelRun(run.Y, run.X0 + start, run.X0 + x));
        }
    }

    /// <summary>Searches exactly those patches of a branch from which these pixels and their neighbours are interpolated.</summary>
    /// <returns>The number of patches that were searched.</returns>
    private int SearchSourcesOf(List<PixelRun> pixels, int b)
    {
        var (wanted, exact, patches) = (_wanted[b], _exact[b], _patches[b]);
        var grid = features(b);
        var beside = _regions is null ? 0 : 1; // an ignored patch has the score of a neighbour
        var count = 0;
        foreach (var (y, x0, x1) in pixels)
        {
            var (top, columns) = fusion.SourceOf(b, new PixelRun(Math.Max(0, y - 1), Math.Max(0, x0 - 1), Math.Min(Map.Width, x1 + 1)));
            var bottom = fusion.SourceOf(b, new PixelRun(Math.Min(Map.Height - 1, y + 1), x0, x1)).Rows;
            for (var row = Math.Max(0, top.Start.Value - beside); row < Math.Min(grid.Height, bottom.End.Value + beside); row++)
            {
                for (var p = (row * grid.Width) + Math.Max(0, columns.Start.Value - beside); p < (row * grid.Width) + Math.Min(grid.Width, columns.End.Value + beside); p++)
                {
                    if (exact[p] || wanted[p])
                        continue;
                    wanted[p] = true;
                    patches[count++] = p;
                }
            }
        }

        if (count == 0)
            return 0;
        _part.Refine(searches[b], grid, patches.AsSpan(0, count), _regions, maps[b], nearest[b], scratch, _exclude?.Invoke(b) ?? RowRange.None);
        foreach (var p in patches.AsSpan(0, count))
            (exact[p], wanted[p]) = (true, false);
        SearchedPatches += count;
        return count;
    }
}
