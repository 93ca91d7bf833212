namespace MrfAd.Engine.Metrics;

/// <summary>Reduces an anomaly map to one score of the image.</summary>
public static class ImageScore
{
    public static float Max(ReadOnlySpan<float> scores)
    {
        var max = float.NegativeInfinity;
        foreach (var score in scores)
            max = Math.Max(max, score);
        return max;
    }

    public static float Min(ReadOnlySpan<float> scores)
    {
        var min = float.PositiveInfinity;
        foreach (var score in scores)
            min = Math.Min(min, score);
        return min;
    }

    /// <summary>The mean of the highest 1 % of pixels, at least one (SuperAD, AnomalyDINO).</summary>
    public static float TopPercent(ReadOnlySpan<float> scores)
    {
        // Only the coarse step (the upper half of the keys) in which the 1 % ends must be sorted.
        var steps = new int[1 << 16];
        foreach (var score in scores)
            steps[RadixSort.Key(score) >> 16]++;
        var (count, above, edge) = (Math.Max(1, scores.Length / 100), 0, steps.Length - 1);
        while (above + steps[edge] < count)
            above += steps[edge--];
        var onEdge = new float[steps[edge]];
        var (sum, next) = (0.0, 0);
        foreach (var score in scores)
        {
            var step = RadixSort.Key(score) >> 16;
            if (step > edge)
                sum += score;
            else if (step == edge)
                onEdge[next++] = score;
        }

        Array.Sort(onEdge);
        foreach (var score in onEdge.AsSpan()[^(count - above)..])
            sum += score;
        return (float)(sum / count);
    }
}
