using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Engine.Encoders;

/// <summary>Exports a checkpoint as an encoder: ONNX graphs, and the descriptor that tells how to use them.</summary>
/// <param name="id">The id of the encoder, with which its files' names begin.</param>
/// <param name="layers">The names of the network's layers to export.</param>
/// <param name="views">The views for whose sizes a network of fixed size is built; equal sizes are built once.</param>
public sealed class EncoderBuild(INetwork network, string id, IReadOnlyList<string> layers, IReadOnlyList<View> views)
{
    /// <summary>The sizes for which a graph each is built; empty where one graph takes any size.</summary>
    public IReadOnlyList<(int Width, int Height)> Sizes { get; } = network.FixedSize ? [.. views.Select(v => (v.Width, v.Height)).Distinct()] : [];

    /// <summary>Writes the graphs one by one, each atomically, then their weights and the descriptor.</summary>
    /// <param name="written">Called with the path of each file once it is written.</param>
    /// <returns>The descriptor's path.</returns>
    /// <exception cref="TensorFormatException">The checkpoint lacks a weight, or has one of another shape.</exception>
    /// <exception cref="OnnxModelException">A graph is too large for an ONNX file.</exception>
    public string Write(string folder, Action<string> written, CancellationToken cancellation)
    {
        var graphs = new Dictionary<string, string>();
        var weights = Sizes.Count > 1 ? $"{id}.weights" : null; // weights that are equal in all graphs are stored once
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
