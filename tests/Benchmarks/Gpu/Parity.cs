namespace MrfAd.Benchmarks.Gpu;

/// <summary>The difference of values computed on a device from the CPU's.</summary>
/// <param name="RelativeL2">‖device − CPU‖ / ‖CPU‖.</param>
/// <param name="RelativeMax">Maximum difference divided by the CPU's maximum value.</param>
public sealed record Parity(double RelativeL2, double RelativeMax)
{
    // NVIDIA's fp32 products use TF32 with 10 bits of mantissa: a relative error of 5e-4; fp16 has as many bits, and also rounds between operators.
    // In networks of 50 layers these errors grow a few times. A wrong kernel, layout or weight has errors as large as the values.
    public const double Fp32Tolerance = 5e-3;
    public const double Fp16Tolerance = 2e-2;

    // Ratio of the maximum of some hundred thousand differences to their mean.
    private const double MaxOverL2 = 5;

    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Parity Of(ReadOnlySpan<float> wanted, ReadOnlySpan<float> got)
    {
        if (wanted.Length != got.Length)
            throw new ArgumentException($"want {wanted.Length} values, got {got.Length}", nameof(got));
        double squares = 0, differences = 0, maxWanted = 0, maxDifference = 0;
        for (var i = 0; i < wanted.Length; i++)
        {
            var difference = Math.Abs((double)got[i] - wanted[i]);
            squares += (double)wanted[i] * wanted[i];
            differences += difference * difference;
            maxWanted = Math.Max(maxWanted, Math.Abs((double)wanted[i]));
            maxDifference = Math.Max(maxDifference, difference); // a NaN wins
        }

        return new Parity(Math.Sqrt(differences / Math.Max(squares, double.Epsilon)), maxDifference / Math.Max(maxWanted, double.Epsilon));
    }

    /// <param name="tolerance">Maximum of <see cref="RelativeL2"/>; the maximum of <see cref="RelativeMax"/> is five times as large.</param>
    public bool IsWithin(double tolerance) => RelativeL2 <= tolerance && RelativeMax <= MaxOverL2 * tolerance;
}
