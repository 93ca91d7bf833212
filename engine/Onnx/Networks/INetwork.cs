using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>A network whose checkpoint can be read: its cost can be computed, and it can be written as an ONNX graph.</summary>
public interface INetwork : IDisposable
{
    /// <summary>The network's type and size, e.g. <c>DINOv2 with 4 registers, 768/14, 12 blocks</c>.</summary>
    string Variant { get; }

    /// <summary>The number of weights in the checkpoint.</summary>
    long Parameters { get; }

    /// <summary>The number of which an input's height and width must be multiples.</summary>
    int SizeMultiple { get; }

    /// <summary>The number of tokens before the patches in an output.</summary>
    int PrefixTokens { get; }

    /// <summary>True where a graph works for one input size only.</summary>
    bool FixedSize { get; }

    /// <summary>The names of all layers, in the order in which they are computed.</summary>
    IReadOnlyList<string> Layers { get; }

    /// <summary>The names of the layers that the papers use.</summary>
    IReadOnlyList<string> DefaultLayers { get; }

    /// <returns>The name of the graph's tensor that holds a layer.</returns>
    string TensorOf(string layer);

    /// <summary>Builds the graph with only <paramref name="layers"/> as outputs; nodes after the last of them are left out.</summary>
    /// <param name="width">The width of the input, px; ignored where a graph works for any size.</param>
    /// <exception cref="TensorFormatException">A weight is missing or has a shape that does not fit the weights beside it.</exception>
    GraphBuilder Build(int width, int height, IReadOnlyList<string> layers);

    /// <summary>Computes the cost of a run on one input size.</summary>
    NetworkCost Cost(int width, int height, IReadOnlyList<string> layers);
}
