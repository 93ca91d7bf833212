namespace MrfAd.Maker;

/// <summary>One convolution of the student. In the checkpoint its weight is <c>{Name}.conv.weight</c>; a 3×3 one is followed by the normalisation
/// <c>{Name}.norm</c>, a 1×1 one has the bias <c>{Name}.conv.bias</c>.</summary>
/// <param name="Stride">The stride of its output relative to the image.</param>
/// <param name="Halves">True where its output has half the sides of its input.</param>
public sealed record Convolution(string Name, int Inputs, int Outputs, int Kernel, int Stride, bool Halves = false)
{
    public bool Normalised => Kernel > 1;

    public IReadOnlyList<long> Shape => [Outputs, Inputs, Kernel, Kernel];

    /// <summary>The number of parameters after normalisation is folded in.</summary>
    public long Parameters => ((long)Outputs * Inputs * Kernel * Kernel) + Outputs;

    /// <summary>Returns the number of multiply-adds for an image.</summary>
    public double Macs(int width, int height) => (double)Outputs * Inputs * Kernel * Kernel * (width / Stride) * (height / Stride);
}
