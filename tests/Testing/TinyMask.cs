using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;

namespace MrfAd.Testing;

/// <summary>A mask model of two nodes, which takes bright pixels for the part.</summary>
public static class TinyMask
{
    public const int Side = 64;

    /// <returns>The path of its descriptor.</returns>
    public static string Write(string folder)
    {
        var graph = new GraphBuilder("tiny mask");
        var image = graph.Input("image", 1, 3, Side, Side);
        // The sum of three normalised channels is 0 at middle grey; times 20, the sigmoid is almost a step.
        var sum = graph.Conv(image, graph.Constant("weight", [20, 20, 20], 1, 3, 1, 1), graph.Constant("bias", [0], 1), 1, 0, "sum");
        graph.Output(graph.Sigmoid(sum, "mask"));
        graph.Write(Path.Combine(folder, "mask.onnx"));
        var path = Path.Combine(folder, "mask.json");
        new EncoderDescriptor
        {
            Id = "tiny-mask",
            Graphs = new Dictionary<string, string> { [$"{Side}x{Side}"] = "mask.onnx" },
            Layers = new Dictionary<string, string> { ["mask"] = "" }, // its first output
            SizeMultiple = 8,
        }.Write(path);
        return path;
    }
}
