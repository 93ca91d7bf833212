namespace MrfAd.Station.Inspection;

/// <summary>The median of the last values: a minority of odd ones does not move it, however odd.</summary>
public sealed class RunningMedian(int length)
{
    // A quarter of the window: the median of fewer says little.
    private const int LeastShare = 4;

    private readonly double[] _last = new double[length];
    private readonly double[] _sorted = new double[length];
    private long _count;

    /// <returns>NaN until there are enough values.</returns>
    public double Add(double value)
    {
        _last[_count++ % length] = value;
        var n = (int)Math.Min(_count, length);
        if (n < (length + LeastShare - 1) / LeastShare)
            return double.NaN;
        var sorted = _sorted.AsSpan(0, n);
        _last.AsSpan(0, n).CopyTo(sorted);
        sorted.Sort();
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
