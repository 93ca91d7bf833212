namespace MrfAd.Station.Statistics;

/// <summary>
/// Counts of positive values in bins of equal width on a logarithmic scale, with the largest value. A quantile is within half a bin, 1.5 %, of the true one;
/// histograms of different times can be added.
/// </summary>
public sealed class LogHistogram
{
    // 24 bins from a value to its double: each is 2.9 % wide.
    private const int BinsPerOctave = 24;

    // From 2^-10, a microsecond in milliseconds, to 2^22, more than an hour in milliseconds. What lies beyond is counted in the first or last bin.
    private const int LowestOctave = -10, Octaves = 32;

    private readonly long[] _counts = new long[Octaves * BinsPerOctave];

    /// <summary>The number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The largest value, exactly; 0 where there is none.</summary>
    public double Max { get; private set; }

    /// <summary>The bins that hold values, from low to high.</summary>
    public IEnumerable<(double From, double To, long Count)> Bins => _counts.Index().Where(b => b.Item > 0).Select(b => (Border(b.Index), Border(b.Index + 1), b.Item));

    /// <returns>The lower border of the bin of a value.</returns>
    public static double BorderBelow(double value) => Border(Bin(value));

    /// <returns>The least border of bins that is not below a value: how many values lie from there on is known exactly.</returns>
    public static double BorderFrom(double value) => Border(Bin(value)) is var below && Math.Abs(below - value) < 1e-9 * value ? below : Border(Bin(value) + 1);

    public void Add(double value)
    {
        _counts[Bin(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    public void Add(LogHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <param name="q">0.5 is the median.</param>
    /// <returns>The middle of the bin in which the quantile lies, at most <see cref="Max"/>; NaN where there are no values.</returns>
    public double Quantile(double q)
    {
        var left = (long)Math.Ceiling(q * Count);
        for (var i = 0; i < _counts.Length && Count > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0 && _counts[i] > 0)
                return Math.Min(Max, Math.Sqrt(Border(i) * Border(i + 1)));
        }

        return double.NaN;
    }

    /// <returns>The number of values from the border on.</returns>
    /// <param name="border">A result of <see cref="BorderFrom"/>.</param>
    public long CountFrom(double border) => _counts.Index().Where(b => Border(b.Index) >= border * (1 - 1e-9)).Sum(b => b.Item);

    /// <summary>Appends the histogram.</summary>
    public void Write(List<byte> bytes)
    {
        bytes.AddRange(BitConverter.GetBytes(Max));
        VarInts.Write(bytes, _counts);
    }

    /// <summary>Adds a histogram that was written, and moves <paramref name="bytes"/> behind it.</summary>
    /// <exception cref="FormatException">The bytes are cut off or wrong.</exception>
    public void Add(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(double))
            throw new FormatException("a histogram is cut off");
        Max = Math.Max(Max, BitConverter.ToDouble(bytes));
        bytes = bytes[sizeof(double)..];
        Count += VarInts.Add(ref bytes, _counts);
    }

    private static int Bin(double value) =>
        value > 0 ? (int)Math.Clamp(Math.Floor((Math.Log2(value) - LowestOctave) * BinsPerOctave + 1e-9), 0, (Octaves * BinsPerOctave) - 1) : 0;

    private static double Border(int bin) => Math.Pow(2, LowestOctave + (bin / (double)BinsPerOctave));
}
