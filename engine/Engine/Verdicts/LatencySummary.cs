using System.Globalization;

namespace MrfAd.Engine.Verdicts;

/// <summary>Sums up how long something took, each time that it was done: percentiles by the nearest rank, which are times that were measured.</summary>
public sealed class LatencySummary
{
    private readonly List<double> _sorted;

    /// <param name="milliseconds">The times in any order, ms; at least one.</param>
    /// <exception cref="ArgumentException">There is no time.</exception>
    public LatencySummary(IEnumerable<double> milliseconds)
    {
        _sorted = [.. milliseconds.Order()];
        if (_sorted.Count == 0)
            throw new ArgumentException("want at least one time", nameof(milliseconds));
    }

    public int Count => _sorted.Count;

    /// <summary>The median, ms.</summary>
    public double P50 => At(0.5);

    /// <summary>The time that 99 % do not exceed, ms.</summary>
    public double P99 => At(0.99);

    /// <summary>The longest time, ms.</summary>
    public double Max => _sorted[^1];

    /// <returns>The number of times above a limit in ms.</returns>
    public int Above(double limit) => _sorted.Count(time => time > limit);

    /// <returns>The claim as one would say it: "p50 95, p99 140, maximum 180 ms, 2 of 500 above 150 ms".</returns>
    /// <param name="limit">The limit, ms.</param>
    public string Claim(double limit) => string.Create(CultureInfo.InvariantCulture, $"p50 {P50:0}, p99 {P99:0}, maximum {Max:0} ms, {Above(limit)} of {Count} above {limit:0} ms");

    private double At(double share) => _sorted[Math.Max(0, (int)Math.Ceiling(share * _sorted.Count) - 1)];
}
