namespace MrfAd.Engine.Verdicts;

/// <summary>A measure over good images: its median, and how far one of them may well lie from it.</summary>
/// <param name="Spread">Half the way from the 16th to the 84th percentile (a normal's standard deviation, whatever a few odd images do), not below what is harmless.</param>
public sealed record ReferenceValue(double Median, double Spread)
{
    /// <param name="harmless">The least spread: good parts collected in an hour differ less than a good line does in a year.</param>
    public static ReferenceValue Of(IEnumerable<double> values, double harmless)
    {
        var sorted = values.Order().ToArray();
        return new ReferenceValue(At(0.5), Math.Max(harmless, (At(0.84) - At(0.16)) / 2));

        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }

    /// <returns>How far a value lies from the median, in spreads.</returns>
    public double Sigmas(double value) => (value - Median) / Spread;
}
