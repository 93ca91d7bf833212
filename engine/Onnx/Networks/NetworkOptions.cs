using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Networks;

/// <summary>Options of a network that its checkpoint does not contain.</summary>
public sealed record NetworkOptions
{
    /// <summary>Attention heads of a transformer; null takes the number in <c>config.json</c> beside the checkpoint, or else heads of 64 values.</summary>
    public int? Heads { get; init; }

    /// <summary>True to apply a transformer's last normalisation to each layer; the papers use the blocks' outputs without it.</summary>
    public bool FinalNorm { get; init; }

    public GraphPrecision Precision { get; init; } = GraphPrecision.Fp32;

    /// <summary>
    /// True to write attention as ONNX Runtime's own operator, which CPU and CUDA compute without holding the matrix of all tokens by all tokens; false writes it as
    /// plain products, which TensorRT fuses by itself and which any runtime reads.
    /// </summary>
    public bool FusedAttention { get; init; } = true;
}
