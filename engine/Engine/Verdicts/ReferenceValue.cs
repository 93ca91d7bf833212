namespace MrfAd.Engine.Verdicts;

/// <summary>The distribution of a measure over good images: its median and its spread.</summary>
/// <param name="Spread">Half the distance from the 16th to the 84th percentile (the standard deviation of a normal distribution, robust to outliers), not below a harmless spread.</param>
public sealed record ReferenceValue(double Median, double Spread)
{
    /// <param name="harmless">The minimum spread: good parts collected in an hour vary less than a good line does in a year.</param>
    public static ReferenceValue Of(IEnumerable<double> values, double harmless)
    {
        var sorted = values.Order().ToArray();
        return new ReferenceValue(At(0.5), Math.Max(harmless, (At(0.84) - At(0.16)) / 2));

        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }

    /// <returns>The deviation of a value from the median, in spreads.</returns>
    public double Sigmas(double value) => (value - Median) / Spread;
}
