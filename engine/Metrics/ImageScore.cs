using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Metrics;

/// <summary>One number for an image from its map.</summary>
public static class ImageScore
{
    public static float Max(AnomalyMap map)
    {
        var max = float.NegativeInfinity;
        foreach (var score in map.Scores)
            max = Math.Max(max, score);
        return max;
    }

    /// <summary>The mean of the highest 1 % of pixels, at least one (SuperAD, AnomalyDINO).</summary>
    public static float TopPercent(AnomalyMap map)
    {
        var scores = map.Scores.ToArray();
        Array.Sort(scores);
        var top = scores.AsSpan()[^Math.Max(1, scores.Length / 100)..];
        var sum = 0.0;
        foreach (var score in top)
            sum += score;
        return (float)(sum / top.Length);
    }
}
