using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Networks;

/// <summary>What a checkpoint does not tell.</summary>
public sealed record NetworkOptions
{
    /// <summary>Attention heads of a transformer; null: from <c>config.json</c> beside the checkpoint, or heads of 64 values.</summary>
    public int? Heads { get; init; }

    /// <summary>A transformer's last normalisation is applied to each layer; the papers take the blocks' bare outputs.</summary>
    public bool FinalNorm { get; init; }

    public GraphPrecision Precision { get; init; } = GraphPrecision.Fp32;

    /// <summary>
    /// Attention as ONNX Runtime's own operator, which CPU and CUDA compute without holding the matrix of all tokens by all tokens; false: as
    /// plain products, which TensorRT fuses by itself and which any runtime reads.
    /// </summary>
    public bool FusedAttention { get; init; } = true;
}
