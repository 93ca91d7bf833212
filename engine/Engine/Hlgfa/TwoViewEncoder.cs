using MrfAd.Engine.Features;
using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The frozen encoder B on the high- and the low-resolution view of an image, in one graph, of which both the training cache and inference are
/// built. The graph's input is the high view, [1, 3, H, W], samples 0…1; the low view is its mean over squares, so whatever is done to an
/// image is done to both.
/// </summary>
public sealed class TwoViewEncoder
{
    public const string Input = "image";

    // The nodes added here join the encoder's in one model of the encoder's operator set; before this one, slices and paddings have another form.
    private const int MinOperatorSet = 11;

    private readonly OnnxGraph _network;
    private readonly EncoderDescriptor _descriptor;
    private readonly string _input;
    private readonly List<string> _layers;

    private TwoViewEncoder(string path, string folder, EncoderDescriptor descriptor, OnnxGraph network, string input, IReadOnlyList<string> layers, int ratio)
    {
        (Path, Folder, _descriptor, _network, _input, Layers, Ratio) = (path, folder, descriptor, network, input, layers, ratio);
        (Id, Sha256) = Encoder.Identify(path);
        _layers = [.. descriptor.Layers.Keys];
        network.KeepOnly([.. _layers.Select(l => descriptor.Layers[l])]); // only the encoder's nodes are used, not the sizes it declares
    }

    public string Path { get; }

    /// <summary>The folder of the network's file, in which its external weights may lie.</summary>
    internal string Folder { get; }

    public string Id { get; }

    public string Sha256 { get; }

    /// <inheritdoc cref="EncoderDescriptor.SettingsSha256"/>
    public string SettingsSha256 => _descriptor.SettingsSha256(_input, Layers);

    /// <summary>The names of the layers that are aligned.</summary>
    public IReadOnlyList<string> Layers { get; }

    public int Ratio { get; }

    /// <param name="path">The path of an encoder that takes views of any size.</param>
    /// <param name="layers">The encoder's layers to align; null takes the default layers of its descriptor.</param>
    /// <exception cref="OnnxModelException">The encoder cannot be used; the message says why.</exception>
    public static TwoViewEncoder Open(string path, IReadOnlyList<string>? layers, int ratio)
    {
        var (descriptor, files) = Encoder.Locate(path);
        if (!files.TryGetValue(default, out var file))
            throw new OnnxModelException($"{path}: has a graph for each size of view; HLGFA wants a convolutional encoder with one for any size");
        var network = OnnxGraph.Read(file);
        if (network.OperatorSet < MinOperatorSet)
            throw new OnnxModelException($"{file}: is written for operator set {network.OperatorSet}, want {MinOperatorSet} or later");
        descriptor ??= new EncoderDescriptor { Id = System.IO.Path.GetFileNameWithoutExtension(file), Model = file, Layers = network.Outputs.ToDictionary(o => o) };
        layers ??= descriptor.DefaultLayers.Count > 0 ? descriptor.DefaultLayers : [.. descriptor.Layers.Keys];
        foreach (var layer in layers)
        {
            if (!descriptor.Layers.ContainsKey(layer))
                throw new OnnxModelException($"{path}: no layer '{layer}'; it has {string.Join(", ", descriptor.Layers.Keys)}");
        }

        if (descriptor.Layers.Count < 2 || layers.Count < 1)
            throw new OnnxModelException($"{path}: has the stages {string.Join(", ", descriptor.Layers.Keys)}; HLGFA wants at least two, to guide one by another");
        var input = descriptor.Input.Length > 0 ? descriptor.Input : network.Inputs is [var only] ? only : throw new OnnxModelException($"{file}: has {network.Inputs.Count} inputs; the descriptor must name the image's as 'input'");
        return new TwoViewEncoder(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!, descriptor, network, input, layers, ratio);
    }

    /// <returns>The width and height of the high view for images of this size, px.</returns>
    public (int Width, int Height) View(int width, int height, int highSide)
    {
        var multiple = _descriptor.SizeMultiple * Ratio;
        var factor = (double)highSide / Math.Min(width, height);
        return (Side(width), Side(height));

        int Side(int pixels) => Math.Max(1, (int)Math.Round(pixels * factor / multiple, MidpointRounding.AwayFromZero)) * multiple;
    }

    /// <summary>Runs the network once on an empty image, to find the shapes of its stages.</summary>
    /// <exception cref="OnnxModelException">A layer is not a feature map.</exception>
    public IReadOnlyList<HlgfaStage> Stages(int width, int height)
    {
        var graph = NewGraph("stages");
        var tape = new Tape(graph);
        var (high, low) = Views(tape, width, height);
        string[] names = [.. high.Concat(low).Select(t => t.Name)];
        using var session = new OnnxSession(graph.ToGraph(names).ToBytes(), Path, Environment.ProcessorCount, folder: Folder);
        using var run = session.Prepare(Input, [1, 3, height, width], names);
        run.Input.Clear();
        run.Execute();
        var shapes = _layers.Select((layer, i) => (Layer: layer, High: Map(layer, run.OutputShapes[i]), Low: Map(layer, run.OutputShapes[_layers.Count + i])))
            .OrderByDescending(s => s.High.Height * s.High.Width).ToList();
        var aligned = shapes.Where(s => Layers.Contains(s.Layer)).ToList();
        return [.. aligned.Select((s, i) =>
        {
            var detail = shapes[Math.Max(0, shapes.IndexOf(s) - 1)];
            return new HlgfaStage(
                s.Layer, s.High.Channels, s.High.Height, s.High.Width, s.Low.Height, s.Low.Width,
                detail.Layer, detail.High.Channels, detail.High.Height, detail.High.Width, Math.Min(i + 1, aligned.Count - 1));
        })];

        (int Channels, int Height, int Width) Map(string layer, long[] shape) => shape is [1, var channels, var h, var w]
            ? ((int)channels, (int)h, (int)w)
            : throw new OnnxModelException($"{Path}: layer '{layer}' has shape [{string.Join(", ", shape)}]; HLGFA wants feature maps [1, C, h, w]");
    }

    /// <summary>Adds the encoder on both views to a graph.</summary>
    /// <returns>For each stage the features f^h [1, C, places], f^l [1, C, h, w] and those of the detail prior on the stage's grid, [1, C″, places].</returns>
    public IReadOnlyList<(Var High, Var Low, Var Detail)> Add(Tape t, IReadOnlyList<HlgfaStage> stages, int width, int height)
    {
        var (high, low) = Views(t, width, height);
        return [.. stages.Select(s =>
        {
            var own = Tape.Given(high[_layers.IndexOf(s.Layer)], 1, s.Channels, s.Height, s.Width);
            var detail = own;
            if (s.DetailLayer != s.Layer)
            {
                detail = Tape.Given(high[_layers.IndexOf(s.DetailLayer)], 1, s.DetailChannels, s.DetailHeight, s.DetailWidth);
                detail = Resampling.To(t, detail, s.Height, s.Width, $"{s.Layer}.detail");
            }

            return (
                t.Reshape(own, 1, s.Channels, s.Count),
                Tape.Given(low[_layers.IndexOf(s.Layer)], 1, s.Channels, s.LowHeight, s.LowWidth),
                t.Reshape(detail, 1, s.DetailChannels, s.Count));
        })];
    }

    public GraphBuilder NewGraph(string name) => new(name, operatorSet: _network.OperatorSet);

    private (IReadOnlyList<Tensor> High, IReadOnlyList<Tensor> Low) Views(Tape t, int width, int height)
    {
        var mean = t.Constant("mean", [.. _descriptor.Mean], 1, 3, 1, 1);
        var std = t.Constant("std", [.. _descriptor.Std], 1, 3, 1, 1);
        var high = t.Div(t.Sub(t.Input(Input, 1, 3, height, width), mean), std);
        var low = t.Graph.Operator("AveragePool", "low", [high.Tensor], ("kernel_shape", [Ratio, Ratio], true), ("strides", [Ratio, Ratio], true));
        string[] tensors = [.. _layers.Select(l => _descriptor.Layers[l])];
        return (t.Graph.Import(_network.Graph, _input, high.Tensor, "high.", tensors), t.Graph.Import(_network.Graph, _input, low, "low.", tensors));
    }
}
