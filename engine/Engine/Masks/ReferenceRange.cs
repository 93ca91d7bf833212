namespace MrfAd.Engine.Masks;

/// <summary>The range of a statistic over the good parts' masks: its median, and the limits for another mask.</summary>
public sealed record ReferenceRange(double Median, double Low, double High)
{
    // Median absolute deviations, scaled to the standard deviation of a normal distribution: 5 of these are far beyond what good parts show, and the minimum
    // reach allows some variation where all good parts are nearly equal.
    private const double Deviations = 5 * 1.4826;

    /// <param name="minReach">Returns the minimum reach of the range to either side, given the median.</param>
    public static ReferenceRange Of(IEnumerable<double> values, Func<double, double> minReach)
    {
        var sorted = values.Order().ToArray();
        var median = sorted[sorted.Length / 2];
        var deviation = sorted.Select(v => Math.Abs(v - median)).Order().ElementAt(sorted.Length / 2);
        var reach = Math.Max(minReach(median), Deviations * deviation);
        return new ReferenceRange(Math.Round(median, 4), Math.Round(median - reach, 4), Math.Round(median + reach, 4));
    }

    public bool Holds(double value) => value >= Low && value <= High;
}
