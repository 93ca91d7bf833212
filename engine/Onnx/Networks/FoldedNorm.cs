using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>A convolution with the batch normalisation after it multiplied in: (Wx − μ)·γ/√(σ²+ε) + β.</summary>
public static class FoldedNorm
{
    private const double Epsilon = 1e-5; // the default of PyTorch's BatchNorm2d

    /// <param name="tensor">Returns a copy of the tensor of this name and shape, which may be modified.</param>
    /// <param name="convolution">The name of the convolution; its weight is <c>{convolution}.weight</c>, and it has no bias.</param>
    /// <param name="shape">The shape of the convolution's weight, [outputs, inputs, k, k].</param>
    /// <exception cref="TensorFormatException">A tensor is missing or has another shape.</exception>
    public static (float[] Weight, float[] Bias) Fold(Func<string, IReadOnlyList<long>, float[]> tensor, string convolution, string norm, IReadOnlyList<long> shape)
    {
        var weight = tensor($"{convolution}.weight", shape);
        var (gamma, beta) = (tensor($"{norm}.weight", [shape[0]]), tensor($"{norm}.bias", [shape[0]]));
        var (mean, variance) = (tensor($"{norm}.running_mean", [shape[0]]), tensor($"{norm}.running_var", [shape[0]]));
        var bias = new float[shape[0]];
        var inputs = weight.Length / bias.Length;
        for (var o = 0; o < bias.Length; o++)
        {
            var factor = gamma[o] / Math.Sqrt(variance[o] + Epsilon);
            bias[o] = (float)(beta[o] - (mean[o] * factor));
            foreach (ref var value in weight.AsSpan(o * inputs, inputs))
                value = (float)(value * factor);
        }

        return (weight, bias);
    }
}
