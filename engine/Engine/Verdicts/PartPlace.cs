namespace MrfAd.Engine.Verdicts;

/// <summary>The position of the part in a thumbnail, relative to the mean thumbnail of good parts.</summary>
/// <param name="Correlation">Correlation with the mean at the best shift, -1 to 1.</param>
/// <param name="X">The horizontal shift, in thumbnail pixels with a fraction; positive means to the right.</param>
internal readonly record struct PartPlace(double Correlation, double X, double Y)
{
    /// <summary>The maximum shift that is searched, in thumbnail pixels: an eighth of the image.</summary>
    public const int Reach = ImageStatistics.Side / 8;

    public double Distance => Math.Sqrt((X * X) + (Y * Y));

    /// <param name="thumbnail">A thumbnail in the form of <see cref="ImageStatistics.Thumbnail"/>.</param>
    /// <param name="mean">The mean thumbnail of good parts, in the same form.</param>
    public static PartPlace Find(ReadOnlySpan<float> thumbnail, ReadOnlySpan<float> mean)
    {
        Span<double> correlation = stackalloc double[((2 * Reach) + 1) * ((2 * Reach) + 1)];
        var best = 0;
        for (var i = 0; i < correlation.Length; i++)
        {
            correlation[i] = CorrelationAt(thumbnail, mean, (i % ((2 * Reach) + 1)) - Reach, (i / ((2 * Reach) + 1)) - Reach);
            best = correlation[i] > correlation[best] ? i : best;
        }

        var (x, y) = (best % ((2 * Reach) + 1), best / ((2 * Reach) + 1));
        return new PartPlace(
            correlation[best],
            x - Reach + Between(correlation, best, 1, x),
            y - Reach + Between(correlation, best, (2 * Reach) + 1, y));
    }

    /// <summary>Returns the offset from the best shift to the top of the parabola through it and its neighbours.</summary>
    private static double Between(ReadOnlySpan<double> correlation, int best, int step, int place)
    {
        if (place is 0 or (2 * Reach))
            return 0;
        var (before, at, after) = (correlation[best - step], correlation[best], correlation[best + step]);
        var bend = before - (2 * at) + after;
        return bend < 0 ? (before - after) / (2 * bend) : 0;
    }

    /// <summary>Returns the correlation of the area that both share when the thumbnail is moved back by (dx, dy).</summary>
    private static double CorrelationAt(ReadOnlySpan<float> thumbnail, ReadOnlySpan<float> mean, int dx, int dy)
    {
        var (n, a, b, aa, bb, ab) = (0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (var y = Math.Max(0, -dy); y < Math.Min(ImageStatistics.Side, ImageStatistics.Side - dy); y++)
        {
            for (var x = Math.Max(0, -dx); x < Math.Min(ImageStatistics.Side, ImageStatistics.Side - dx); x++)
            {
                var (p, q) = (mean[(y * ImageStatistics.Side) + x], thumbnail[((y + dy) * ImageStatistics.Side) + x + dx]);
                n++;
                a += p;
                b += q;
                aa += p * p;
                bb += q * q;
                ab += p * q;
            }
        }

        var (va, vb) = (aa - (a * a / n), bb - (b * b / n));
        return va > 1e-9 && vb > 1e-9 ? (ab - (a * b / n)) / Math.Sqrt(va * vb) : 0;
    }
}
