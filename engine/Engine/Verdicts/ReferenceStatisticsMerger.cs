namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Merges the reference statistics of several banks without reading the images again: the limits hold for the images of every bank, and are a little wider than
/// if all had been learned together.
/// </summary>
internal static class ReferenceStatisticsMerger
{
    /// <param name="banks">The statistics of banks with one image size, and their numbers of images.</param>
    /// <returns>The merged statistics; null where a bank has none.</returns>
    public static ReferenceStatistics? Merge(IReadOnlyList<(ReferenceStatistics? Statistics, int Images)> banks)
    {
        if (banks.Count == 1)
            return banks[0].Statistics;
        if (banks.Any(b => b.Statistics is null))
            return null;
        var statistics = banks.Select(b => b.Statistics!).ToList();
        double[] shares = [.. banks.Select(b => (double)b.Images / banks.Sum(other => other.Images))];
        var mean = ReferenceStatisticsLearner.Bytes(Mean(statistics.ConvertAll(l => Unit(l.Mean)), shares));
        var places = statistics.ConvertAll(l => PartPlace.Find(Floats(l.Mean), Floats(mean)));
        var correlation = statistics.Zip(places, (l, place) => Through(l.MinCorrelation, place.Correlation)).Min(l => l ?? -1);
        var located = correlation >= ReferenceStatisticsLearner.MinUsableCorrelation;
        return statistics[0] with
        {
            MinBrightness = statistics.Min(l => l.MinBrightness),
            MaxSaturated = statistics.Max(l => l.MaxSaturated),
            MinSharpness = statistics.Min(l => l.MinSharpness),
            MinCorrelation = located ? correlation : null,
            MaxShift = located ? statistics.Zip(places, (l, place) => l.MaxShift + (place.Distance / ImageStatistics.Side)).Max() : null,
            Mean = mean,
            Appearance = statistics.All(l => l.Appearance is not null) ? Merge(statistics.ConvertAll(l => l.Appearance!), shares, located && statistics.All(l => l.Appearance!.X is not null) ? places : null) : null,
        };
    }

    private static ReferenceAppearance Merge(List<ReferenceAppearance> statistics, double[] shares, List<PartPlace>? places)
    {
        byte[] grey = [.. Mean(statistics.ConvertAll(l => Floats(l.Grey)), shares).Select(v => (byte)MathF.Round(v))];
        return new ReferenceAppearance
        {
            Grey = grey,
            Light = Merge(statistics.Select(l => (l.Light, ReferenceAppearance.LogLight([.. l.Grey.Select(v => v / 255f)], grey))), shares),
            Focus = Merge(statistics.Select(l => (l.Focus, 0.0)), shares),
            X = places is null ? null : Merge(statistics.Zip(places, (l, place) => (l.X!, place.X / ImageStatistics.Side)), shares),
            Y = places is null ? null : Merge(statistics.Zip(places, (l, place) => (l.Y!, place.Y / ImageStatistics.Side)), shares),
        };
    }

    /// <param name="values">The value of each bank, and the shift of that bank's reference relative to the merged one.</param>
    private static ReferenceValue Merge(IEnumerable<(ReferenceValue Value, double Shift)> values, double[] shares)
    {
        var shifted = values.Select(v => v.Value with { Median = v.Value.Median + v.Shift }).ToList();
        var median = shifted.Zip(shares, (v, share) => v.Median * share).Sum();
        return new ReferenceValue(median, shifted.Max(v => v.Spread + Math.Abs(v.Median - median)));
    }

    /// <summary>Returns the minimum correlation with the merged mean: correlations are cosines, whose angles add up in the worst case.</summary>
    private static double? Through(double? correlation, double ofMean) =>
        correlation is { } own ? Math.Cos(Math.Min(Math.PI, Math.Acos(Math.Clamp(own, -1, 1)) + Math.Acos(Math.Clamp(ofMean, -1, 1)))) : null;

    private static float[] Mean(List<float[]> values, double[] shares) =>
        [.. Enumerable.Range(0, values[0].Length).Select(i => (float)values.Zip(shares, (v, share) => v[i] * share).Sum())];

    private static float[] Floats(byte[] values) => [.. values.Select(v => (float)v)];

    /// <summary>Normalises to mean 0 and length 1, as thumbnails are.</summary>
    private static float[] Unit(byte[] values)
    {
        var mean = values.Average(v => (double)v);
        var length = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => length > 0 ? (float)((v - mean) / length) : 0)];
    }
}
