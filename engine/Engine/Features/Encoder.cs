using System.Security.Cryptography;
using System.Text;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;

namespace MrfAd.Engine.Features;

/// <summary>
/// A frozen network Φ that computes feature maps of several layers. Its graph is cut to the requested layers; it may have one
/// graph for any size of view, or one for each (then each is loaded when it is first needed).
/// </summary>
public sealed class Encoder : IDisposable
{
    private readonly string _path;
    private readonly int _threads;
    private readonly OnnxDevice? _device;
    private readonly IReadOnlyDictionary<(int Width, int Height), string> _files;
    private readonly LoadedGraphs _graphs;
    private readonly string _key;
    private bool _isDisposed;

    /// <param name="files">The path of the ONNX file for each size of view, or of one for any size, under the key (0, 0).</param>
    private Encoder(string path, EncoderDescriptor descriptor, string input, IReadOnlyList<string> layers, IReadOnlyDictionary<(int Width, int Height), string> files, int threads, OnnxDevice? device)
    {
        _device = device;
        _path = path;
        _threads = threads;
        _files = files;
        Descriptor = descriptor;
        Input = input;
        Layers = layers;
        Sha256 = HashOf(path, descriptor, files);
        _key = KeyOf(descriptor, input);
        _graphs = device?.Shared?.Take(_key) ?? new LoadedGraphs();
    }

    public EncoderDescriptor Descriptor { get; }

    public string Id => Descriptor.Id;

    /// <summary>SHA-256 of the ONNX file, lower-case hex; where there are several files, SHA-256 of the list of their hashes.</summary>
    public string Sha256 { get; }

    /// <inheritdoc cref="EncoderDescriptor.SettingsSha256"/>
    public string SettingsSha256 => Descriptor.SettingsSha256(Input, Layers);

    /// <summary>The names of the layers that <see cref="FeatureExtractor.Extract"/> computes, in its order.</summary>
    public IReadOnlyList<string> Layers { get; }

    internal string Input { get; }

    /// <param name="path">A descriptor (<c>.json</c>), or an ONNX file with or without one beside it.</param>
    /// <param name="layers">Names of layers in the descriptor; null takes its default layers.</param>
    /// <param name="threads">Threads of one run.</param>
    /// <param name="device">The device to run on; null means the CPU.</param>
    /// <exception cref="OnnxModelException">The file, the descriptor and the layers do not fit together, or the runtime refuses the graph.</exception>
    public static Encoder Open(string path, IReadOnlyList<string>? layers, int threads, OnnxDevice? device = null)
    {
        var (descriptor, files) = Locate(path);
        var first = files.Values.First();
        var graph = OnnxGraph.Read(first);
        if (graph.Inputs.Count != 1 && (descriptor?.Input ?? "").Length == 0)
            throw new OnnxModelException($"{first}: has {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs)}); the descriptor must name the image's as 'input'");
        descriptor ??= new EncoderDescriptor
        {
            Id = Path.GetFileNameWithoutExtension(first),
            Model = Path.GetFileName(first),
            Layers = graph.Outputs.ToDictionary(o => o),
        };
        descriptor = descriptor with { Layers = descriptor.Layers.ToDictionary(l => l.Key, l => l.Value.Length > 0 ? l.Value : graph.Outputs[0]) };
        layers ??= descriptor.DefaultLayers.Count > 0 ? descriptor.DefaultLayers : [.. descriptor.Layers.Keys];
        foreach (var layer in layers)
        {
            if (!descriptor.Layers.ContainsKey(layer))
                throw new OnnxModelException($"{path}: no layer '{layer}'; it has {string.Join(", ", descriptor.Layers.Keys)}");
        }

        var input = descriptor.Input.Length > 0 ? descriptor.Input : graph.Inputs[0];
        var encoder = new Encoder(path, descriptor, input, layers, files, threads, device);
        if (device is { Provider: not Provider.Cpu }) // other providers may take minutes to load a graph, so they load it when it is first needed
            return encoder;
        try
        {
            encoder._graphs.Get(files.Keys.First(), () => encoder.Load(graph, first));
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <returns>The id and the SHA-256 of the encoder at <paramref name="path"/>, without loading it.</returns>
    /// <exception cref="OnnxModelException">There is no encoder at this path.</exception>
    public static (string Id, string Sha256) Identify(string path)
    {
        var (descriptor, files) = Locate(path);
        return (descriptor?.Id ?? Path.GetFileNameWithoutExtension(files.Values.First()), HashOf(path, descriptor, files));
    }

    /// <returns>The parts of the encoder at <paramref name="path"/>: its descriptor, where there is one, and the ONNX file for each size of view, or one for any size, under the key (0, 0).</returns>
    /// <exception cref="OnnxModelException">There is no encoder at this path, or a part of it is missing.</exception>
    public static (EncoderDescriptor? Descriptor, IReadOnlyDictionary<(int Width, int Height), string> Files) Locate(string path)
    {
        if (!File.Exists(path))
            throw new OnnxModelException($"{path}: no such encoder (want an ONNX file or its descriptor .json)");
        var descriptorPath = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.ChangeExtension(path, ".json");
        if (!File.Exists(descriptorPath))
            return (null, new Dictionary<(int Width, int Height), string> { [default] = path });
        var descriptor = EncoderDescriptor.Read(descriptorPath);
        var folder = Path.GetDirectoryName(Path.GetFullPath(descriptorPath))!;
        var files = descriptor.Model is { } model
            ? new Dictionary<(int Width, int Height), string> { [default] = Path.GetFullPath(model, folder) }
            : descriptor.Graphs.ToDictionary(g => View.TryParseSize(g.Key, out var width, out var height) ? (width, height) : default, g => Path.GetFullPath(g.Value, folder));
        foreach (var file in descriptor.Weights is { } weights ? files.Values.Append(Path.Combine(folder, weights)) : files.Values)
        {
            if (!File.Exists(file))
                throw new OnnxModelException($"{path}: its model {file} does not exist");
        }

        return (descriptor, files);
    }

    /// <summary>The providers on which the graphs loaded so far actually run.</summary>
    public IReadOnlyList<GraphPlacement> Placements => [.. _graphs.All.Select(g => g.Session.Placement(g.Size == default ? Id : $"{g.Size.Height}x{g.Size.Width}"))];

    /// <returns>An extractor for images resized to this size, px (multiples of <see cref="EncoderDescriptor.SizeMultiple"/>).</returns>
    /// <param name="keepOnDevice">For each layer, true to keep its features on the device (<see cref="PatchFeatures.OnDevice"/>); null keeps none there.</param>
    /// <exception cref="OnnxModelException">The encoder has graphs for certain sizes of view, and none for this one.</exception>
    public FeatureExtractor CreateExtractor(int width, int height, IReadOnlyList<bool>? keepOnDevice = null) =>
        new(this, width, height, SessionFor(width, height).Prepare(Input, [1, 3, height, width], [.. Layers.Select(l => Descriptor.Layers[l])], keepOnDevice), keepOnDevice);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_device?.Shared is { } shared)
            shared.Return(_key);
        else
            _graphs.Dispose();
    }

    private OnnxSession SessionFor(int width, int height)
    {
        var size = Descriptor.Graphs.Count > 0 ? (width, height) : default;
        if (!_files.TryGetValue(size, out var file))
        {
            throw new OnnxModelException(
                $"{_path}: has no graph for a view of {height}x{width}, only for {string.Join(", ", Descriptor.Graphs.Keys)}: build it for the images' size and the same scales ('mrfad model build --image HEIGHTxWIDTH --scales …')");
        }

        return _graphs.Get(size, () => Load(OnnxGraph.Read(file), file));
    }

    private OnnxSession Load(OnnxGraph graph, string file)
    {
        if (!graph.Inputs.Contains(Input))
            throw new OnnxModelException($"{file}: no input '{Input}'; it has {string.Join(", ", graph.Inputs)}");
        graph.KeepOnly([.. Layers.Select(l => Descriptor.Layers[l])]);
        foreach (var weights in graph.WeightFiles)
        {
            if (weights != Descriptor.Weights)
                throw new OnnxModelException($"{file}: keeps weights in '{weights}'; its descriptor must name that file as 'weights', or changes to it would go unseen");
        }

        if (Descriptor.IgnoreDeclaredSize)
            graph.FreeImageSize(Input);
        return new OnnxSession(graph.ToBytes(), Path.GetFileName(file), _threads, _device, Path.GetDirectoryName(Path.GetFullPath(file)));
    }

    /// <summary>Returns a key that is equal for encoders that can share sessions: it names the computation and the device.</summary>
    private string KeyOf(EncoderDescriptor descriptor, string input) =>
        string.Join('\n', [Sha256, input, descriptor.IgnoreDeclaredSize, .. Layers.Select(l => descriptor.Layers[l]), _threads, _device?.Provider, _device?.EngineFolder]);

    private static string HashOf(string path, EncoderDescriptor? descriptor, IReadOnlyDictionary<(int Width, int Height), string> files) =>
        Hash(descriptor?.Weights is { } weights ? [.. files.Values, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, weights)] : [.. files.Values]);

    private static string Hash(IReadOnlyList<string> files)
    {
        var hashes = files.Select(Hash).ToList();
        return hashes is [var only] ? only : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', hashes.Order()))));
    }

    private static string Hash(string path)
    {
        using var file = UserFiles.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
