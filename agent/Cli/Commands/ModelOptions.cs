using System.CommandLine;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>The common options of the commands about checkpoints: the file, and the views to build the encoder for.</summary>
internal sealed class ModelOptions(string argument, string description)
{
    private static readonly MrfAdOptions Defaults = new();

    private readonly Argument<string> _file = new(argument) { Description = description };
    private readonly Option<string[]> _images = new("--image") { Description = "Size of the images in pixels; may be given several times.", HelpName = "HEIGHTxWIDTH" };
    private readonly Option<string?> _scales = new("--scales") { Description = "The value of 'learn --scales'; default: the same as there." };
    private readonly Option<int> _leastSide = new("--least-side") { Description = "The value of 'learn --least-side'.", DefaultValueFactory = _ => Defaults.MinSide };
    private readonly Option<double?> _megapixels = BankOptions.Megapixels();
    private readonly Option<string?> _layers = new("--layers") { Description = $"Layers that the encoder outputs, or the method whose layers they are ({string.Join(", ", PaperLayers.All.Select(l => l.Method))}); default: mrf-ad's (blocks 7,9,11 of 12, counted from 0; stage2,stage3)." };
    private readonly Option<string> _precision = new("--precision") { Description = "fp32; fp16 for GPUs (CPUs are slower with it); int8 for the linear layers of a transformer or ConvNeXt on CPUs with VNNI.", DefaultValueFactory = _ => "fp32" };
    private readonly Option<string> _attention = new("--attention") { Description = "Attention of a transformer: 'fused' (ONNX Runtime's operator, best on CPU and CUDA) or 'plain' (products, best on TensorRT).", DefaultValueFactory = _ => "fused" };
    private readonly Option<int?> _heads = new("--heads") { Description = "Attention heads, where neither config.json beside the checkpoint nor the usual 64 values a head tell." };
    private readonly Option<bool> _norm = new("--norm") { Description = "Apply the transformer's last normalisation to each layer." };

    public void AddTo(Command command)
    {
        _precision.AcceptOnlyFromAmong("fp32", "fp16", "int8");
        _attention.AcceptOnlyFromAmong("fused", "plain");
        command.Arguments.Add(_file);
        foreach (var option in new Option[] { _images, _scales, _leastSide, _megapixels, _layers, _heads, _norm, _precision, _attention })
            command.Options.Add(option);
    }

    public string PathOf(ParseResult parsed) =>
        parsed.GetRequiredValue(_file) is var path && File.Exists(path) ? path : throw new UsageException($"no such file: {parsed.GetRequiredValue(_file)}");

    /// <param name="reference">True opens the network as published: fp32, attention as plain matrix products.</param>
    public INetwork Open(ParseResult parsed, bool reference = false) => Network.Open(PathOf(parsed), new NetworkOptions
    {
        Heads = parsed.GetValue(_heads),
        FinalNorm = parsed.GetValue(_norm),
        Precision = reference ? GraphPrecision.Fp32 : PrecisionOf(parsed),
        FusedAttention = !reference && parsed.GetValue(_attention) == "fused",
    });

    public GraphPrecision PrecisionOf(ParseResult parsed) => Enum.Parse<GraphPrecision>(parsed.GetRequiredValue(_precision), ignoreCase: true);

    public IReadOnlyList<string> LayersOf(ParseResult parsed, INetwork network)
    {
        var layers = parsed.GetValue(_layers) switch
        {
            null or "mrf-ad" => network.DefaultLayers,
            var text => PaperLayers.Find(text)?.Of(network.Layers) ?? text.Split(',', StringSplitOptions.TrimEntries),
        };
        foreach (var layer in layers)
        {
            if (!network.Layers.Contains(layer))
                throw new UsageException($"--layers: no layer '{layer}' in {network.Variant}; it has {string.Join(", ", network.Layers)}");
        }

        return layers.Distinct().Count() == layers.Count ? layers : throw new UsageException($"--layers: one is named twice in {string.Join(',', layers)}");
    }

    public IReadOnlyList<(int Width, int Height)> ImagesOf(ParseResult parsed) =>
    [
        .. (parsed.GetValue(_images) ?? []).Select(text => View.TryParseSize(text, out var width, out var height)
            ? (width, height)
            : throw new UsageException($"--image: want HEIGHTxWIDTH in pixels such as 1520x2100, got '{text}'")),
    ];

    /// <returns>The views of all image sizes at all scales, computed as in learning and inspection.</returns>
    public IReadOnlyList<View> ViewsOf(ParseResult parsed, INetwork network)
    {
        var options = Defaults with
        {
            Scales = parsed.GetValue(_scales) is { } scales ? BankOptions.ParseScales(scales) : Defaults.Scales,
            MinSide = parsed.GetValue(_leastSide) is >= 1 and var side ? side : throw new UsageException($"{_leastSide.Name}: want at least 1, got {parsed.GetValue(_leastSide)}"),
            Megapixels = BankOptions.MegapixelsOf(parsed, _megapixels),
        };
        return [.. ImagesOf(parsed).SelectMany(image => ViewSizes.Of(image.Width, image.Height, options, network.SizeMultiple))];
    }
}
