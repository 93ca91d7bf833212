using System.Security.Cryptography;
using MrfAd.Engine.Onnx;

namespace MrfAd.Engine.Features;

/// <summary>A frozen network Φ that gives feature maps of several layers. Its graph is cut to the layers asked for.</summary>
public sealed class Encoder : IDisposable
{
    private readonly OnnxSession _session;

    private Encoder(EncoderDescriptor descriptor, string input, IReadOnlyList<string> layers, string sha256, OnnxSession session)
    {
        Descriptor = descriptor;
        Input = input;
        Layers = layers;
        Sha256 = sha256;
        _session = session;
    }

    public EncoderDescriptor Descriptor { get; }

    public string Id => Descriptor.Id;

    /// <summary>Of the ONNX file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>The layers that <see cref="FeatureExtractor.Extract"/> gives, in its order.</summary>
    public IReadOnlyList<string> Layers { get; }

    internal string Input { get; }

    /// <param name="path">A descriptor (<c>.json</c>), or an ONNX file with or without one beside it.</param>
    /// <param name="layers">Names of the descriptor; null: its default ones.</param>
    /// <param name="threads">Threads of one run.</param>
    /// <exception cref="OnnxModelException">File, descriptor and layers do not go together, or the runtime refuses the graph.</exception>
    public static Encoder Open(string path, IReadOnlyList<string>? layers, int threads)
    {
        var (descriptor, modelPath) = Locate(path);
        var graph = OnnxGraph.Read(modelPath);
        if (graph.Inputs.Count != 1 && (descriptor?.Input ?? "").Length == 0)
            throw new OnnxModelException($"{modelPath}: has {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs)}); the descriptor must name the image's as 'input'");
        descriptor ??= new EncoderDescriptor
        {
            Id = Path.GetFileNameWithoutExtension(modelPath),
            Model = Path.GetFileName(modelPath),
            Layers = graph.Outputs.ToDictionary(o => o),
        };
        layers ??= descriptor.DefaultLayers.Count > 0 ? descriptor.DefaultLayers : [.. descriptor.Layers.Keys];
        var tensors = layers.Select(layer => descriptor.Layers.TryGetValue(layer, out var tensor)
            ? tensor
            : throw new OnnxModelException($"{path}: no layer '{layer}'; it has {string.Join(", ", descriptor.Layers.Keys)}")).ToList();
        var input = descriptor.Input.Length > 0 ? descriptor.Input : graph.Inputs[0];
        if (!graph.Inputs.Contains(input))
            throw new OnnxModelException($"{modelPath}: no input '{input}'; it has {string.Join(", ", graph.Inputs)}");
        graph.KeepOnly(tensors);
        if (descriptor.IgnoreDeclaredSize)
            graph.FreeImageSize(input);
        return new Encoder(descriptor, input, layers, Hash(modelPath), new OnnxSession(graph.ToBytes(), modelPath, threads));
    }

    /// <returns>The id and the SHA-256 of the encoder at <paramref name="path"/>, without loading it.</returns>
    /// <exception cref="OnnxModelException">There is none.</exception>
    public static (string Id, string Sha256) Identify(string path)
    {
        var (descriptor, modelPath) = Locate(path);
        return (descriptor?.Id ?? Path.GetFileNameWithoutExtension(modelPath), Hash(modelPath));
    }

    /// <returns>Extracts features of images resized to this size (multiples of <see cref="EncoderDescriptor.SizeMultiple"/>).</returns>
    public FeatureExtractor CreateExtractor(int width, int height) =>
        new(this, width, height, _session.Prepare(Input, [1, 3, height, width], [.. Layers.Select(l => Descriptor.Layers[l])]));

    public void Dispose() => _session.Dispose();

    private static string Hash(string modelPath)
    {
        using var file = File.OpenRead(modelPath);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static (EncoderDescriptor? Descriptor, string ModelPath) Locate(string path)
    {
        if (!File.Exists(path))
            throw new OnnxModelException($"{path}: no such encoder (want an ONNX file or its descriptor .json)");
        var descriptorPath = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.ChangeExtension(path, ".json");
        if (!File.Exists(descriptorPath))
            return (null, path);
        var descriptor = EncoderDescriptor.Read(descriptorPath);
        var modelPath = Path.GetFullPath(descriptor.Model, Path.GetDirectoryName(Path.GetFullPath(descriptorPath))!);
        return File.Exists(modelPath) ? (descriptor, modelPath) : throw new OnnxModelException($"{path}: its model {modelPath} does not exist");
    }
}
