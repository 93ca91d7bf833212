using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Engine.Encoders;

/// <summary>Makes an encoder of a checkpoint: its graphs, and the descriptor by which they are used.</summary>
/// <param name="id">Of the encoder; its files' names begin with it.</param>
/// <param name="layers">Names of the network's.</param>
/// <param name="views">What a network of fixed size is to be built for; repetitions are built once.</param>
public sealed class EncoderBuild(INetwork network, string id, IReadOnlyList<string> layers, IReadOnlyList<View> views)
{
    /// <summary>The sizes for which there will be a graph each; none: one graph takes any.</summary>
    public IReadOnlyList<(int Width, int Height)> Sizes { get; } = network.FixedSize ? [.. views.Select(v => (v.Width, v.Height)).Distinct()] : [];

    /// <summary>Writes graph after graph, each whole or not at all, their weights, and then the descriptor.</summary>
    /// <param name="written">Told each file as it is there.</param>
    /// <returns>The descriptor's path.</returns>
    /// <exception cref="TensorFormatException">The checkpoint lacks a weight, or has one of another shape.</exception>
    /// <exception cref="OnnxModelException">A graph is too large for an ONNX file.</exception>
    public string Write(string folder, Action<string> written, CancellationToken cancellation)
    {
        var graphs = new Dictionary<string, string>();
        var weights = Sizes.Count > 1 ? $"{id}.weights" : null; // what is equal in all graphs lies there once
        if (weights is null)
        {
            WriteGraphs(null);
        }
        else
        {
            AtomicFile.Write(Path.Combine(folder, weights), file => WriteGraphs(new WeightStore(file, weights)));
            written(Path.Combine(folder, weights));
        }

        var descriptor = new EncoderDescriptor
        {
            Id = id,
            Model = network.FixedSize ? null : $"{id}.onnx",
            Graphs = graphs,
            Weights = weights,
            Input = "image",
            Layers = layers.ToDictionary(l => l, network.TensorOf),
            SizeMultiple = network.SizeMultiple,
            PrefixTokens = network.PrefixTokens,
        };
        var path = Path.Combine(folder, $"{id}.json");
        descriptor.Write(path);
        return path;

        void WriteGraphs(WeightStore? store)
        {
            if (!network.FixedSize)
                WriteGraph($"{id}.onnx", 0, 0, store);
            foreach (var (width, height) in Sizes)
            {
                cancellation.ThrowIfCancellationRequested();
                graphs.Add($"{height}x{width}", $"{id}-{height}x{width}.onnx");
                WriteGraph($"{id}-{height}x{width}.onnx", width, height, store);
            }
        }

        void WriteGraph(string name, int width, int height, WeightStore? store)
        {
            var file = Path.Combine(folder, name);
            network.Build(width, height, layers).Write(file, store);
            written(file);
        }
    }
}
