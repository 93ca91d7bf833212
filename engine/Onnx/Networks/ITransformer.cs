using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>Reads the weights of a vision transformer from its checkpoint; <see cref="VisionTransformer"/> makes a graph of them.</summary>
public interface ITransformer : IDisposable
{
    /// <summary>The model and what is special to it, without its sizes, e.g. <c>DINOv2 with 4 registers</c>.</summary>
    string Model { get; }

    /// <summary>The publisher whose names the weights have, e.g. <c>Meta</c>.</summary>
    string NamedBy { get; }

    /// <summary>The number of weights in the checkpoint.</summary>
    long Parameters { get; }

    TransformerShape Shape { get; }

    /// <summary>Reads what makes tokens of an image of <paramref name="columns"/> by <paramref name="rows"/> patches.</summary>
    /// <exception cref="TensorFormatException">A weight is missing or has another shape; so also for the other members.</exception>
    EmbeddingWeights Embedding(int columns, int rows);

    /// <returns>The angles by which queries and keys are turned; null where positions are part of the embedding.</returns>
    RotaryTable? Rotary(int columns, int rows);

    /// <param name="index">The block, from 0.</param>
    BlockWeights Block(int index);

    /// <returns>The last normalisation for the patches, and the one for the tokens before them where they have their own.</returns>
    (NormWeights Patches, NormWeights? Prefix) FinalNorm();
}
