namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Merges the reference statistics of several banks without reading the images again: the limits hold for the images of every bank, and are a little wider than
/// if all had been learned together.
/// </summary>
internal static class ReferenceStatisticsMerger
{
    /// <param name="banks">The statistics of banks with one image size, and their numbers of images.</param>
    /// <returns>The merged statistics; null where a bank has none.</returns>
    public static ReferenceStatistics? Merge(IReadOnlyList<(ReferenceStatistics? Looks, int Images)> banks)
    {
        if (banks.Count == 1 || banks.Any(b => b.Looks is null))
            return banks[0].Looks;
        var looks = banks.Select(b => b.Looks!).ToList();
        double[] shares = [.. banks.Select(b => (double)b.Images / banks.Sum(other => other.Images))];
        var mean = ReferenceStatisticsLearner.Bytes(Mean(looks.ConvertAll(l => Unit(l.Mean)), shares));
        var places = looks.ConvertAll(l => PartPlace.Find(Floats(l.Mean), Floats(mean)));
        var likeness = looks.Zip(places, (l, place) => Through(l.LeastLikeness, place.Likeness)).Min(l => l ?? -1);
        var told = likeness >= ReferenceStatisticsLearner.LeastTelling;
        return looks[0] with
        {
            LeastBrightness = looks.Min(l => l.LeastBrightness),
            MostSaturated = looks.Max(l => l.MostSaturated),
            LeastSharpness = looks.Min(l => l.LeastSharpness),
            LeastLikeness = told ? likeness : null,
            MostMoved = told ? looks.Zip(places, (l, place) => l.MostMoved + (place.Way / ImageStatistics.Side)).Max() : null,
            Mean = mean,
            Usual = looks.All(l => l.Usual is not null) ? Merge(looks.ConvertAll(l => l.Usual!), shares, told && looks.All(l => l.Usual!.X is not null) ? places : null) : null,
        };
    }

    private static ReferenceAppearance Merge(List<ReferenceAppearance> looks, double[] shares, List<PartPlace>? places)
    {
        byte[] grey = [.. Mean(looks.ConvertAll(l => Floats(l.Grey)), shares).Select(v => (byte)MathF.Round(v))];
        return new ReferenceAppearance
        {
            Grey = grey,
            Light = Merge(looks.Select(l => (l.Light, ReferenceAppearance.LogLight([.. l.Grey.Select(v => v / 255f)], grey))), shares),
            Focus = Merge(looks.Select(l => (l.Focus, 0.0)), shares),
            X = places is null ? null : Merge(looks.Zip(places, (l, place) => (l.X!, place.X / ImageStatistics.Side)), shares),
            Y = places is null ? null : Merge(looks.Zip(places, (l, place) => (l.Y!, place.Y / ImageStatistics.Side)), shares),
        };
    }

    /// <param name="values">The value of each bank, and the shift of that bank's reference relative to the merged one.</param>
    private static ReferenceValue Merge(IEnumerable<(ReferenceValue Value, double Shift)> values, double[] shares)
    {
        var moved = values.Select(v => v.Value with { Median = v.Value.Median + v.Shift }).ToList();
        var median = moved.Zip(shares, (v, share) => v.Median * share).Sum();
        return new ReferenceValue(median, moved.Max(v => v.Spread + Math.Abs(v.Median - median)));
    }

    /// <summary>Returns the minimum correlation with the merged mean: correlations are cosines, whose angles add up in the worst case.</summary>
    private static double? Through(double? likeness, double ofMean) =>
        likeness is { } own ? Math.Cos(Math.Min(Math.PI, Math.Acos(Math.Clamp(own, -1, 1)) + Math.Acos(Math.Clamp(ofMean, -1, 1)))) : null;

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
