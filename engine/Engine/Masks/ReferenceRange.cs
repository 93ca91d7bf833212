namespace MrfAd.Engine.Masks;

/// <summary>A figure of good parts' masks: its median, and how far another mask's may lie.</summary>
public sealed record ReferenceRange(double Median, double Low, double High)
{
    // Median absolute deviations, scaled to a normal's standard deviation: 5 of these is far beyond what good parts do, and the floor
    // below it lets a set of nearly equal parts vary at all.
    private const double Deviations = 5 * 1.4826;

    /// <param name="least">The range reaches at least so far to either side.</param>
    public static ReferenceRange Of(IEnumerable<double> values, Func<double, double> least)
    {
        var sorted = values.Order().ToArray();
        var median = sorted[sorted.Length / 2];
        var deviation = sorted.Select(v => Math.Abs(v - median)).Order().ElementAt(sorted.Length / 2);
        var reach = Math.Max(least(median), Deviations * deviation);
        return new ReferenceRange(Math.Round(median, 4), Math.Round(median - reach, 4), Math.Round(median + reach, 4));
    }

    public bool Holds(double value) => value >= Low && value <= High;
}
