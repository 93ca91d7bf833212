using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>A network whose checkpoint is understood: it can be sized up, and written as an ONNX graph.</summary>
public interface INetwork : IDisposable
{
    /// <summary>What it is, e.g. <c>DINOv2 with 4 registers, 768/14, 12 blocks</c>.</summary>
    string Variant { get; }

    /// <summary>Weights in the checkpoint.</summary>
    long Parameters { get; }

    /// <summary>Of an input's height and width.</summary>
    int SizeMultiple { get; }

    /// <summary>Tokens of an output before the patches.</summary>
    int PrefixTokens { get; }

    /// <summary>One graph fits one size only.</summary>
    bool FixedSize { get; }

    /// <summary>All that can be asked for, from the first to the last computed.</summary>
    IReadOnlyList<string> Layers { get; }

    /// <summary>Those that the papers use.</summary>
    IReadOnlyList<string> DefaultLayers { get; }

    /// <returns>The tensor of the graph that holds a layer.</returns>
    string TensorOf(string layer);

    /// <summary>Builds the graph with only <paramref name="layers"/> as outputs; nothing after the last of them is in it.</summary>
    /// <param name="width">Of the input, px; where the size is free, it does not matter.</param>
    /// <exception cref="TensorFormatException">A weight is missing or has another shape than its neighbours want.</exception>
    GraphBuilder Build(int width, int height, IReadOnlyList<string> layers);

    /// <summary>What a run costs on one input size.</summary>
    NetworkCost Cost(int width, int height, IReadOnlyList<string> layers);
}
