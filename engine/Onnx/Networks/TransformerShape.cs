namespace MrfAd.Onnx.Networks;

/// <summary>The sizes of a vision transformer.</summary>
public sealed record TransformerShape
{
    /// <summary>The values of a token.</summary>
    public required int Dimension { get; init; }

    /// <summary>The side of a patch, px.</summary>
    public required int Patch { get; init; }

    /// <summary>The tokens before the patches: the class token and the registers.</summary>
    public required int PrefixTokens { get; init; }

    public required int Blocks { get; init; }

    public required int Heads { get; init; }

    /// <summary>The values within the MLP.</summary>
    public required int Hidden { get; init; }

    /// <summary>True where the MLP multiplies its values by a gate, activation(gate)·values, as SwiGLU does.</summary>
    public required bool Gated { get; init; }

    /// <summary>True where the activation is SiLU, false where it is the exact GELU.</summary>
    public required bool Silu { get; init; }

    /// <summary>What layer normalisations add to the variance.</summary>
    public required float Epsilon { get; init; }

    /// <summary>The values of a head.</summary>
    public int HeadDimension => Dimension / Heads;
}
