using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Networks;

/// <summary>
/// ConvNeXt (Liu et al. 2022) as DINOv3 has it: Tiny, Small, Base and Large, from Meta's checkpoints and Hugging Face's. Stages are counted from 1, as ResNet's are. One
/// graph takes any input size.
/// </summary>
public sealed class ConvNeXt : INetwork
{
    private const float DefaultEpsilon = 1e-6f; // the public code's, of all its normalisations
    private const int Stages = 4;
    private const int StemSide = 4;
    private const int KernelSide = 7;

    private readonly NamedWeights _weights;
    private readonly NetworkOptions _options;
    private readonly bool _huggingFace;
    private readonly (int Blocks, int Width)[] _stages;
    private readonly bool _scaled;
    private readonly float _epsilon;

    private ConvNeXt(NamedWeights weights, bool huggingFace, NetworkOptions options)
    {
        (_weights, _huggingFace, _options) = (weights, huggingFace, options);
        _stages = [.. Enumerable.Range(0, Stages).Select(stage => (weights.Blocks(block => $"stages.{stage}.{block}.dwconv.weight"), weights.Shape($"stages.{stage}.0.dwconv.weight", 4)[0]))];
        _scaled = _stages.Select((s, stage) => Enumerable.Range(0, s.Blocks).Any(block => weights.Has($"stages.{stage}.{block}.gamma"))).Any(has => has);
        var config = ModelConfig.Beside(weights.Path, [.. _stages.Select(s => s.Width)]);
        config?.Choice("hidden_act", "gelu");
        _epsilon = (float)(config?.Number("layer_norm_eps") ?? DefaultEpsilon);
    }

    public string Variant => $"{Model}, {(_huggingFace ? "Hugging Face" : "Meta")}'s names";

    /// <summary>The number of weights in the checkpoint; Meta's hold the last normalisation twice, and it counts once.</summary>
    public long Parameters => _weights.Count - (_weights.Has("norms.3.weight") ? 2 * _stages[^1].Width : 0);

    public int SizeMultiple => 32;

    public int PrefixTokens => 0;

    public bool FixedSize => false;

    public IReadOnlyList<string> Layers => ["stage1", "stage2", "stage3", "stage4"];

    /// <summary>The stages that PatchCore takes of a ResNet, whose strides are the same: no paper that this product follows names others.</summary>
    public IReadOnlyList<string> DefaultLayers => ["stage2", "stage3"];

    /// <returns>The network; null where the checkpoint is of another network.</returns>
    public static INetwork? Recognise(Checkpoint checkpoint, NetworkOptions options)
    {
        foreach (var (ending, huggingFace) in new[] { ("stages.0.layers.0.depthwise_conv.weight", true), ("stages.0.0.dwconv.weight", false) })
        {
            if (checkpoint.Tensors.Keys.FirstOrDefault(k => k.EndsWith(ending, StringComparison.Ordinal))?[..^ending.Length] is { } prefix)
                return new ConvNeXt(new NamedWeights(checkpoint, prefix, meta => prefix + (huggingFace ? HuggingFaceName(meta) : meta)), huggingFace, options);
        }

        return null;
    }

    public string TensorOf(string layer) => layer;

    private string Model => $"ConvNeXt of {string.Join("+", _stages.Select(s => s.Blocks))} blocks, {string.Join(", ", _stages.Select(s => s.Width))} channels";

    public GraphBuilder Build(int width, int height, IReadOnlyList<string> layers)
    {
        var graph = new GraphBuilder(Model, _options.Precision);
        var x = graph.Input("image", 1, 3, null, null);
        for (var stage = 0; stage < Last(layers); stage++)
        {
            var (blocks, channels) = _stages[stage];
            x = Downsample(graph, x, stage);
            for (var block = 0; block < blocks; block++)
                x = Block(graph, x, $"stages.{stage}.{block}", channels);
            if (layers.Contains($"stage{stage + 1}"))
                graph.Output(Output(graph, x, stage));
        }

        return graph;
    }

    public NetworkCost Cost(int width, int height, IReadOnlyList<string> layers)
    {
        double operations = 0, weights = 0, largest = 0;
        long positions = 0;
        var (w, h, inputs) = (width / StemSide, height / StemSide, 3);
        for (var stage = 0; stage < Last(layers); stage++)
        {
            var ((blocks, c), kernel) = (_stages[stage], stage == 0 ? StemSide : 2);
            if (stage > 0)
                (w, h) = (w / 2, h / 2);
            double places = (double)w * h, down = (double)c * inputs * kernel * kernel, block = c * ((KernelSide * KernelSide) + (8.0 * c));
            operations += 2 * places * (down + (blocks * block));
            weights += down + (3 * c) + (blocks * (block + (9 * c)));
            largest = Math.Max(largest, places * c * 9); // a block's input, and the values within it before and after the activation
            if (positions == 0 && layers.Contains($"stage{stage + 1}"))
                positions = (long)places;
            inputs = c;
        }

        return new NetworkCost(positions, operations, (long)(weights * _options.Precision switch { GraphPrecision.Fp32 => 4, GraphPrecision.Fp16 => 2, _ => 1 }), 4 * (long)largest);
    }

    public void Dispose() => _weights.Dispose();

    /// <summary>Adds the stem (a convolution, then its normalisation), or the step between two stages (a normalisation, then a convolution).</summary>
    private Tensor Downsample(GraphBuilder graph, Tensor x, int stage)
    {
        var (name, channels) = ($"downsample_layers.{stage}", _stages[stage].Width);
        if (stage == 0)
            return ChannelNorm(graph, Convolution(graph, x, $"{name}.0", channels, 3, StemSide), $"{name}.1", channels, $"{name}.norm");
        var inputs = _stages[stage - 1].Width;
        return Convolution(graph, ChannelNorm(graph, x, $"{name}.0", inputs, $"{name}.norm"), $"{name}.1", channels, inputs, 2);
    }

    /// <summary>Adds a block: x + γ·W₂(gelu(W₁(norm(depthwise(x))))). γ is multiplied into W₂.</summary>
    private Tensor Block(GraphBuilder graph, Tensor x, string name, int channels)
    {
        var depthwise = _weights.Convolution($"{name}.dwconv", channels, 1, KernelSide);
        var weight = graph.Constant($"{name}.dwconv.weight", depthwise.Weight, channels, 1, KernelSide, KernelSide);
        var y = graph.Conv(x, weight, graph.Constant($"{name}.dwconv.bias", depthwise.Bias, channels), 1, KernelSide / 2, $"{name}.dwconv", channels);
        y = graph.Transpose(y, $"{name}.last", 0, 2, 3, 1);
        var shape = graph.Operator("Shape", $"{name}.shape", [y]);
        y = graph.Reshape(Norm(graph, y, $"{name}.norm", channels, $"{name}.norm"), $"{name}.rows", -1, channels);
        y = graph.Gelu(Linear(graph, y, _weights.Linear($"{name}.pwconv1", 4 * channels, channels), $"{name}.pwconv1"), $"{name}.gelu");
        var second = _weights.Linear($"{name}.pwconv2", channels, 4 * channels);
        if (_scaled)
            second.Scale(_weights.Floats($"{name}.gamma", channels));
        y = graph.Operator("Reshape", $"{name}.map", [Linear(graph, y, second, $"{name}.pwconv2"), shape]);
        return graph.Add(x, graph.Transpose(y, $"{name}.first", 0, 3, 1, 2), $"{name}.out");
    }

    /// <summary>Names a stage's output; the last stage is the only one that the public code has a last normalisation for.</summary>
    private Tensor Output(GraphBuilder graph, Tensor x, int stage) => _options.FinalNorm && stage == Stages - 1
        ? ChannelNorm(graph, x, "norm", _stages[stage].Width, $"stage{stage + 1}")
        : graph.Operator("Identity", $"stage{stage + 1}", [x]);

    private Tensor Convolution(GraphBuilder graph, Tensor x, string name, int outputs, int inputs, int side)
    {
        var layer = _weights.Convolution(name, outputs, inputs, side);
        return graph.Conv(x, graph.Constant($"{name}.weight", layer.Weight, outputs, inputs, side, side), graph.Constant($"{name}.bias", layer.Bias, outputs), side, 0, name);
    }

    /// <summary>Adds a normalisation over the channels of a map [1, C, h, w].</summary>
    private Tensor ChannelNorm(GraphBuilder graph, Tensor x, string weights, int channels, string name) =>
        graph.Transpose(Norm(graph, graph.Transpose(x, $"{name}.last", 0, 2, 3, 1), weights, channels, $"{name}.normed"), name, 0, 3, 1, 2);

    private Tensor Norm(GraphBuilder graph, Tensor x, string weights, int channels, string name)
    {
        var norm = _weights.Norm(weights, channels);
        return graph.LayerNormalization(x, graph.Constant($"{name}.weight", norm.Scale, channels), graph.Constant($"{name}.bias", norm.Bias, channels), _epsilon, name);
    }

    private static Tensor Linear(GraphBuilder graph, Tensor x, LinearWeights layer, string name) => graph.Linear(x, layer.Weight, layer.Bias, layer.Inputs, name);

    private static int Last(IReadOnlyList<string> layers) => layers.Max(l => l[^1] - '0');

    private static string HuggingFaceName(string meta) => meta.Split('.') switch
    {
        ["stages", var stage, var block, .. var rest] => $"stages.{stage}.layers.{block}.{HuggingFaceLayer(string.Join('.', rest))}",
        ["downsample_layers", var stage, var layer, var kind] => $"stages.{stage}.downsample_layers.{layer}.{kind}",
        ["norm", var kind] => $"layer_norm.{kind}",
        _ => meta,
    };

    private static string HuggingFaceLayer(string meta) => meta
        .Replace("dwconv", "depthwise_conv", StringComparison.Ordinal)
        .Replace("pwconv", "pointwise_conv", StringComparison.Ordinal)
        .Replace("norm", "layer_norm", StringComparison.Ordinal);
}
