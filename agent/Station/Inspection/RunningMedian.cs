namespace MrfAd.Station.Inspection;

/// <summary>The median of the last values, which a minority of outliers does not move.</summary>
public sealed class RunningMedian(int length)
{
    // The median is given from a quarter of the window on; that of fewer values says little.
    private const int MinFillDivisor = 4;

    private readonly double[] _last = new double[length];
    private readonly double[] _sorted = new double[length];
    private long _count;

    /// <summary>Adds a value.</summary>
    /// <returns>The median; NaN until there are enough values.</returns>
    public double Add(double value)
    {
        _last[_count++ % length] = value;
        var n = (int)Math.Min(_count, length);
        if (n < (length + MinFillDivisor - 1) / MinFillDivisor)
            return double.NaN;
        var sorted = _sorted.AsSpan(0, n);
        _last.AsSpan(0, n).CopyTo(sorted);
        sorted.Sort();
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
