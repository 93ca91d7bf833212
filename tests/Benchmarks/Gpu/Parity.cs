namespace MrfAd.Benchmarks.Gpu;

/// <summary>How far values computed on a device are from the CPU's.</summary>
/// <param name="RelativeL2">‖device − CPU‖ / ‖CPU‖.</param>
/// <param name="RelativeMax">The largest difference, of the CPU's largest value.</param>
public sealed record Parity(double RelativeL2, double RelativeMax)
{
    // NVIDIA's fp32 products take TF32, 10 bits of mantissa: 5e-4 of a value; fp16 has as many, and its sums and roundings between operators besides.
    // Networks of 50 layers grow that some times over. A wrong kernel, layout or weight is off by as much as the values themselves.
    public const double Fp32Tolerance = 5e-3;
    public const double Fp16Tolerance = 2e-2;

    // The largest of some hundred thousand differences, beside their mean.
    private const double MaxOverL2 = 5;

    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Parity Of(ReadOnlySpan<float> wanted, ReadOnlySpan<float> got)
    {
        if (wanted.Length != got.Length)
            throw new ArgumentException($"want {wanted.Length} values, got {got.Length}", nameof(got));
        double squares = 0, differences = 0, largest = 0, most = 0;
        for (var i = 0; i < wanted.Length; i++)
        {
            var difference = Math.Abs((double)got[i] - wanted[i]);
            squares += (double)wanted[i] * wanted[i];
            differences += difference * difference;
            largest = Math.Max(largest, Math.Abs((double)wanted[i]));
            most = Math.Max(most, difference); // NaN wins
        }

        return new Parity(Math.Sqrt(differences / Math.Max(squares, double.Epsilon)), most / Math.Max(largest, double.Epsilon));
    }

    /// <param name="tolerance">Of <see cref="RelativeL2"/>; five times as much for the largest.</param>
    public bool IsWithin(double tolerance) => RelativeL2 <= tolerance && RelativeMax <= MaxOverL2 * tolerance;
}
