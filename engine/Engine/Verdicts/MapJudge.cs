using MrfAd.Engine.Fusion;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Verdicts;

/// <summary>Judges anomaly maps by the threshold of the whole part and by the limits of its named regions.</summary>
public static class MapJudge
{
    /// <param name="map">The map of the frame as it was seen; where its labels ignore it, it is set to 0.</param>
    /// <param name="threshold">The threshold of the whole part.</param>
    /// <param name="regions">The regions of the part; null where there are none.</param>
    /// <param name="labels">The label of each pixel of the frame, [H·W]; empty where there are no regions.</param>
    /// <returns>
    /// The highest score outside of the named regions that have a limit of their own, NaN where a score is none, and the defects: the part is good where there are none.
    /// A defect that reaches over the border of a named region counts on each side of it for itself.
    /// </returns>
    public static (float Score, IReadOnlyList<Region> Defects) Judge(AnomalyMap map, float threshold, RegionLabels? regions, ReadOnlySpan<byte> labels)
    {
        Span<float> highest = stackalloc float[regions?.Count ?? 2];
        Measure(map.Scores, regions is null ? [] : labels, highest);
        var score = 0f;
        var defects = new List<Region>();
        for (var label = RegionLabels.Part; label < highest.Length; label++)
        {
            var region = regions?.RegionOf(label);
            var limit = region?.Threshold ?? threshold;
            if (region is not { HasOwnLimit: true } || float.IsNaN(highest[label]))
                score = MathF.Max(score, highest[label]);
            if (highest[label] >= limit)
                defects.AddRange(Regions.Find(map, limit, regions is null ? [] : labels, label, region?.MinAreaPx ?? 1).Select(d => d with { Name = region?.Name }));
        }

        return (score, [.. defects.OrderByDescending(d => d.Score).Take(Regions.MaxRegions)]);
    }

    /// <summary>Finds the highest score of each label, NaN where one of its scores is none, and sets ignored pixels to 0.</summary>
    private static void Measure(Span<float> scores, ReadOnlySpan<byte> labels, Span<float> highest)
    {
        highest.Fill(float.NegativeInfinity);
        if (labels.IsEmpty)
        {
            foreach (var score in scores)
                highest[RegionLabels.Part] = MathF.Max(highest[RegionLabels.Part], score); // NaN stays NaN
            return;
        }

        for (var i = 0; i < scores.Length; i++)
        {
            highest[labels[i]] = MathF.Max(highest[labels[i]], scores[i]);
            if (labels[i] == RegionLabels.Ignored)
                scores[i] = 0;
        }
    }
}
