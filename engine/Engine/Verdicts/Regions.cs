using System.Buffers;
using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Verdicts;

/// <summary>Finds the regions of a map that are at or above a threshold.</summary>
public static class Regions
{
    /// <summary>Maximum number of regions that an inspection returns.</summary>
    public const int MaxRegions = 64;

    /// <param name="maxRegions">Maximum number of regions to return.</param>
    /// <returns>8-connected regions, highest score first.</returns>
    public static IReadOnlyList<Region> Find(AnomalyMap map, float threshold, int maxRegions = MaxRegions) => Find(map, threshold, [], 0, 1, maxRegions);

    /// <summary>Finds the regions of the pixels with one label.</summary>
    /// <param name="labels">The label of each pixel, [H·W]; empty takes all pixels.</param>
    /// <param name="minArea">The least number of pixels of a region.</param>
    /// <returns>8-connected regions, highest score first.</returns>
    public static IReadOnlyList<Region> Find(AnomalyMap map, float threshold, ReadOnlySpan<byte> labels, byte label, int minArea, int maxRegions = MaxRegions)
    {
        var foreground = ArrayPool<byte>.Shared.Rent(map.Scores.Length);
        try
        {
            var scores = map.Scores;
            for (var i = 0; i < scores.Length; i++)
                foreground[i] = scores[i] >= threshold && (labels.IsEmpty || labels[i] == label) ? (byte)1 : (byte)0;
            var runs = ConnectedComponents.Find(foreground.AsSpan(0, scores.Length), map.Width, out var count);
            if (count == 0)
                return [];
            var regions = new (int X0, int Y0, int X1, int Y1, int Area, float Score)[count];
            Array.Fill(regions, (int.MaxValue, int.MaxValue, 0, 0, 0, float.NegativeInfinity));
            foreach (var run in runs)
            {
                ref var r = ref regions[run.Label];
                r = (Math.Min(r.X0, run.X0), Math.Min(r.Y0, run.Y), Math.Max(r.X1, run.X1), run.Y + 1, r.Area + run.X1 - run.X0,
                    Math.Max(r.Score, Max(map.Row(run.Y)[run.X0..run.X1])));
            }

            return [.. regions.Where(r => r.Area >= minArea).OrderByDescending(r => r.Score).Take(maxRegions)
                .Select(r => new Region(r.X0, r.Y0, r.X1 - r.X0, r.Y1 - r.Y0, r.Area, r.Score))];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(foreground);
        }
    }

    private static float Max(ReadOnlySpan<float> scores)
    {
        var max = float.NegativeInfinity;
        foreach (var score in scores)
            max = Math.Max(max, score);
        return max;
    }
}
