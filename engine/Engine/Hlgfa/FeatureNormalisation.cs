namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// Mean and standard deviation of each channel of the high view's features over good parts. They normalise features to mean 0 and deviation 1: otherwise the few
/// channels with large values would dominate every cosine and every norm. The low view's features are normalised by the same numbers.
/// </summary>
/// <param name="Means">For each part (3·stage + 0 for high, 1 for low, 2 for detail), the means, [C].</param>
/// <param name="Stds">For each part, the standard deviations, [C], > 0.</param>
internal sealed record FeatureNormalisation(float[][] Means, float[][] Stds)
{
    // A lower limit, so that a channel that is constant on good parts is not divided by zero.
    private const float MinStd = 1e-3f;

    public static FeatureNormalisation None(IReadOnlyList<HlgfaStage> stages)
    {
        int[] channels = [.. stages.SelectMany(s => new[] { s.Channels, s.Channels, s.DetailChannels })];
        return new FeatureNormalisation([.. channels.Select(c => new float[c])], [.. channels.Select(c => Enumerable.Repeat(1f, c).ToArray())]);
    }

    /// <param name="entries">The cache entries to take the statistics of; they are not normalised yet.</param>
    public static FeatureNormalisation Of(FeatureCache cache, IReadOnlyList<HlgfaStage> stages, IEnumerable<int> entries)
    {
        var result = None(stages);
        var sums = result.Means.Select(m => new (double Sum, double Squares, long Count)[m.Length]).ToArray();
        foreach (var entry in entries)
            cache.Read(entry, (part, values) => Gather(values, sums[part]));
        for (var part = 0; part < sums.Length; part++)
        {
            var from = part % 3 == 1 ? part - 1 : part;
            for (var c = 0; c < sums[part].Length; c++)
            {
                var (sum, squares, count) = sums[from][c];
                var mean = sum / count;
                result.Means[part][c] = (float)mean;
                result.Stds[part][c] = Math.Max(MinStd, (float)Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))));
            }
        }

        return result;
    }

    /// <param name="values">The values to normalise in place, [C, places].</param>
    public void Apply(int part, Span<float> values)
    {
        var (means, stds) = (Means[part], Stds[part]);
        var places = values.Length / means.Length;
        for (var c = 0; c < means.Length; c++)
        {
            var (mean, factor) = (means[c], 1 / stds[c]);
            foreach (ref var value in values.Slice(c * places, places))
                value = (value - mean) * factor;
        }
    }

    private static void Gather(ReadOnlySpan<float> values, (double Sum, double Squares, long Count)[] sums)
    {
        var places = values.Length / sums.Length;
        for (var c = 0; c < sums.Length; c++)
        {
            var (sum, squares) = (0.0, 0.0);
            foreach (var value in values.Slice(c * places, places))
            {
                sum += value;
                squares += (double)value * value;
            }

            sums[c] = (sums[c].Sum + sum, sums[c].Squares + squares, sums[c].Count + places);
        }
    }
}
