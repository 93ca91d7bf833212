namespace MrfAd.Onnx.Networks;

/// <summary>The weights of a linear layer, x Wᵀ + b, or of a convolution.</summary>
/// <param name="Weight">W, [outputs, inputs] row-major; of a convolution [outputs, inputs, k, k].</param>
/// <param name="Bias">b, [outputs].</param>
public sealed record LinearWeights(float[] Weight, float[] Bias)
{
    /// <summary>The number of values that each output sums over.</summary>
    public int Inputs => Weight.Length / Bias.Length;

    /// <summary>Multiplies the outputs from <paramref name="first"/> on by one factor each, in place.</summary>
    /// <returns>This object.</returns>
    public LinearWeights Scale(ReadOnlySpan<float> factors, int first = 0)
    {
        for (var o = 0; o < factors.Length; o++)
        {
            foreach (ref var value in Weight.AsSpan((first + o) * Inputs, Inputs))
                value = (float)(value * (double)factors[o]);
            Bias[first + o] *= factors[o];
        }

        return this;
    }

    /// <returns>The layer whose outputs are those of all <paramref name="parts"/>, one after the other; they have the same inputs.</returns>
    public static LinearWeights Join(params IReadOnlyList<LinearWeights> parts) => new([.. parts.SelectMany(p => p.Weight)], [.. parts.SelectMany(p => p.Bias)]);
}
