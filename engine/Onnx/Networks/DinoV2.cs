using System.Globalization;
using System.Text.Json;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Onnx.Networks;

/// <summary>
/// DINOv2, with or without registers (Oquab et al. 2023, Darcet et al. 2024): a vision transformer. Reads the checkpoints of Meta and of
/// Hugging Face, which name the same weights differently. Layers are block outputs, counted from 0.
/// </summary>
public sealed class DinoV2 : INetwork
{
    // All published sizes have heads of 64 values, and this epsilon.
    private const int DefaultHeadDimension = 64;
    private const float DefaultEpsilon = 1e-6f;

    private readonly Checkpoint _checkpoint;
    private readonly string _prefix;
    private readonly bool _huggingFace;
    private readonly int _dimension;
    private readonly int _patch;
    private readonly int _side;
    private readonly int _registers;
    private readonly int _blocks;
    private readonly int _hidden;
    private readonly bool _swiglu;
    private readonly int _heads;
    private readonly float _epsilon;
    private readonly NetworkOptions _options;

    private DinoV2(Checkpoint checkpoint, string prefix, bool huggingFace, NetworkOptions options)
    {
        _checkpoint = checkpoint;
        _prefix = prefix;
        _huggingFace = huggingFace;
        _options = options;
        var patch = Shape("patch_embed.proj.weight", 4);
        (_dimension, _patch) = (patch[0], patch[3]);
        var positions = Shape("pos_embed", 3)[1] - 1;
        _side = (int)Math.Sqrt(positions);
        if (_side < 1 || _side * _side != positions)
            throw Wrong($"has {positions} positions, want a square number");
        _registers = Has("register_tokens") ? Shape("register_tokens", 3)[1] : 0;
        while (Has($"blocks.{_blocks}.norm1.weight"))
            _blocks++;
        if (_blocks == 0)
            throw Wrong($"has no tensor '{Name("blocks.0.norm1.weight")}'");
        _swiglu = Has("blocks.0.mlp.w12.weight");
        _hidden = Shape(_swiglu ? "blocks.0.mlp.w3.weight" : "blocks.0.mlp.fc2.weight", 2)[1];
        (var heads, _epsilon) = ReadConfig();
        _heads = options.Heads ?? heads ?? (_dimension % DefaultHeadDimension == 0
            ? _dimension / DefaultHeadDimension
            : throw Wrong($"has {_dimension} values a token: how many heads is not in it; name them (--heads), or lay its config.json beside it"));
        if (_heads < 1 || _dimension % _heads != 0)
            throw Wrong($"has {_dimension} values a token, which {_heads} heads cannot share");
    }

    public string Variant => FormattableString.Invariant(
        $"DINOv2 {(_registers > 0 ? $"with {_registers} registers" : "without registers")}, ViT {_dimension}/{_patch}, {_blocks} blocks, {_heads} heads{(_swiglu ? ", SwiGLU" : "")}, {(_huggingFace ? "Hugging Face's" : "Meta's")} names");

    public long Parameters => _checkpoint.Tensors.Where(t => t.Key.StartsWith(_prefix, StringComparison.Ordinal)).Sum(t => t.Value.Count);

    public int SizeMultiple => _patch;

    public int PrefixTokens => 1 + _registers;

    public bool FixedSize => true;

    public IReadOnlyList<string> Layers => [.. Enumerable.Range(0, _blocks).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Blocks 7, 9 and 11 of 12, as in the papers, and blocks at the same relative depth in other sizes.</summary>
    public IReadOnlyList<string> DefaultLayers =>
        [.. Enumerable.Range(4, 3).Select(sixths => (sixths * _blocks / 6) - 1).Where(block => block >= 0).Distinct().Select(block => block.ToString(CultureInfo.InvariantCulture))];

    /// <returns>The network; null where the checkpoint is of another network.</returns>
    public static DinoV2? Recognise(Checkpoint checkpoint, NetworkOptions options)
    {
        foreach (var (ending, huggingFace) in new[] { ("embeddings.position_embeddings", true), ("pos_embed", false) })
        {
            if (checkpoint.Tensors.Keys.FirstOrDefault(k => k.EndsWith(ending, StringComparison.Ordinal)) is { } name)
                return new DinoV2(checkpoint, name[..^ending.Length], huggingFace, options);
        }

        return null;
    }

    public string TensorOf(string layer) => $"block{layer}";

    public GraphBuilder Build(int width, int height, IReadOnlyList<string> layers)
    {
        if (width % _patch != 0 || height % _patch != 0 || width < 1 || height < 1)
            throw new OnnxModelException($"the input is {height}x{width}, want multiples of {_patch}");
        var graph = new GraphBuilder($"dinov2 {height}x{width}", _options.Precision);
        var asked = layers.Select(l => int.Parse(l, CultureInfo.InvariantCulture)).ToHashSet();
        var x = Embed(graph, width / _patch, height / _patch);
        var tokens = PrefixTokens + (width / _patch * (height / _patch));
        for (var block = 0; block <= asked.Max(); block++)
        {
            x = Block(graph, x, $"blocks.{block}", tokens);
            if (asked.Contains(block))
                graph.Output(graph.Reshape(_options.FinalNorm ? Norm(graph, x, "norm", $"blocks.{block}.final") : x, $"block{block}", 1, tokens, _dimension));
        }

        return graph;
    }

    public NetworkCost Cost(int width, int height, IReadOnlyList<string> layers)
    {
        double patches = (width / _patch) * (height / _patch), tokens = patches + PrefixTokens, d = _dimension;
        var blocks = layers.Max(l => int.Parse(l, CultureInfo.InvariantCulture)) + 1;
        var mlpWeights = d * _hidden * (_swiglu ? 3 : 2);
        var block = 2 * tokens * ((4 * d * d) + mlpWeights + (2 * tokens * d));
        var weights = (blocks * ((4 * d * d) + mlpWeights + (9 * d) + _hidden)) + (d * 3 * _patch * _patch) + (tokens * d);
        // Logits and their softmax, where they are held in memory; x, q, k, v twice (joined and split), and the sum.
        var attention = (_options.FusedAttention ? 0 : 2.0 * _heads * tokens * tokens) + (8 * tokens * d);
        var mlp = tokens * (d + (2 * _hidden * (_swiglu ? 2 : 1)));
        return new NetworkCost((long)tokens, (2 * patches * d * 3 * _patch * _patch) + (blocks * block), WeightBytes(weights), 4 * (long)Math.Max(attention, mlp));
    }

    public void Dispose() => _checkpoint.Dispose();

    private long WeightBytes(double weights) => (long)(weights * _options.Precision switch { GraphPrecision.Fp32 => 4, GraphPrecision.Fp16 => 2, _ => 1 });

    /// <summary>Embeds an image as class token, registers and patches. Only the class token and the patches have positions.</summary>
    private Tensor Embed(GraphBuilder graph, int columns, int rows)
    {
        var d = _dimension;
        var positions = Weights("pos_embed", 1, (_side * _side) + 1, d);
        var prefix = Weights("cls_token", 1, 1, d);
        for (var k = 0; k < d; k++)
            prefix[k] += positions[k];
        if (_registers > 0)
            prefix = [.. prefix, .. Weights("register_tokens", 1, _registers, d)];
        var grid = PositionalEmbedding.Resample(positions.AsSpan(d), _side, d, columns, rows, antialias: _registers > 0);

        var image = graph.Input("image", 1, 3, rows * _patch, columns * _patch);
        var weight = graph.Constant("patch.weight", Weights("patch_embed.proj.weight", d, 3, _patch, _patch), d, 3, _patch, _patch);
        var x = graph.Conv(image, weight, graph.Constant("patch.bias", Weights("patch_embed.proj.bias", d), d), _patch, 0, "patch");
        x = graph.Reshape(x, "patch.flat", d, rows * columns);
        x = graph.Transpose(x, "patch.tokens", 1, 0);
        x = graph.Add(x, graph.Constant("positions", grid, rows * columns, d), "patch.placed");
        return graph.Concat(0, "tokens", graph.Constant("prefix", prefix, PrefixTokens, d), x);
    }

    /// <summary>Adds a block: y = x + γ₁·attention(norm(x)), then y + γ₂·mlp(norm(y)). Each γ is multiplied into the weights before it.</summary>
    private Tensor Block(GraphBuilder graph, Tensor x, string name, int tokens)
    {
        var attended = Attention(graph, Norm(graph, x, $"{name}.norm1", $"{name}.norm1"), name, tokens);
        x = graph.Add(x, attended, $"{name}.attended");
        var normed = Norm(graph, x, $"{name}.norm2", $"{name}.norm2");
        return graph.Add(x, _swiglu ? SwiGlu(graph, normed, name) : Mlp(graph, normed, name), $"{name}.out");
    }

    private Tensor Attention(GraphBuilder graph, Tensor x, string name, int tokens)
    {
        var (d, head) = (_dimension, _dimension / _heads);
        var (weight, bias) = QueryKeyValue(name);
        var scale = 1 / Math.Sqrt(head);
        Scale(weight.AsSpan(0, d * d), scale); // the weights of the queries
        Scale(bias.AsSpan(0, d), scale);
        var all = graph.Linear(x, weight, bias, d, $"{name}.qkv");
        var mixed = _options.FusedAttention ? Fused(graph, all, name, tokens) : Plain(graph, all, name, tokens);
        return ScaledLinear(graph, graph.Reshape(mixed, $"{name}.joined", tokens, d), $"{name}.attn.proj", d, d, $"{name}.ls1.gamma");
    }

    private Tensor Fused(GraphBuilder graph, Tensor all, string name, int tokens)
    {
        var parts = graph.Split(graph.Reshape(all, $"{name}.all", 1, tokens, 3 * _dimension), 2, 3, $"{name}.parts");
        return graph.Attention(parts[0], parts[1], parts[2], _heads, $"{name}.mixed");
    }

    private Tensor Plain(GraphBuilder graph, Tensor all, string name, int tokens)
    {
        var parts = graph.Split(all, 1, 3, $"{name}.parts");
        var query = Heads(parts[0], "query", 1, 0, 2);
        var key = Heads(parts[1], "key", 1, 2, 0);
        var value = Heads(parts[2], "value", 1, 0, 2);
        var shares = graph.Softmax(graph.MatMul(query, key, $"{name}.logits"), $"{name}.shares");
        return graph.Transpose(graph.MatMul(shares, value, $"{name}.mixed"), $"{name}.joined.heads", 1, 0, 2);

        Tensor Heads(Tensor part, string kind, params long[] axes) =>
            graph.Transpose(graph.Reshape(part, $"{name}.{kind}.heads", tokens, _heads, _dimension / _heads), $"{name}.{kind}", axes);
    }

    private Tensor Mlp(GraphBuilder graph, Tensor x, string name)
    {
        var inner = graph.Gelu(ScaledLinear(graph, x, $"{name}.mlp.fc1", _hidden, _dimension, null), $"{name}.mlp.gelu");
        return ScaledLinear(graph, inner, $"{name}.mlp.fc2", _dimension, _hidden, $"{name}.ls2.gamma");
    }

    /// <summary>Adds a SwiGLU layer, W₃(silu(a)·b), where a and b are the halves of W₁₂x.</summary>
    private Tensor SwiGlu(GraphBuilder graph, Tensor x, string name)
    {
        var halves = graph.Split(ScaledLinear(graph, x, $"{name}.mlp.w12", 2 * _hidden, _dimension, null), 1, 2, $"{name}.mlp.halves");
        var gate = graph.Mul(halves[0], graph.Sigmoid(halves[0], $"{name}.mlp.sigmoid"), $"{name}.mlp.silu");
        return ScaledLinear(graph, graph.Mul(gate, halves[1], $"{name}.mlp.gated"), $"{name}.mlp.w3", _dimension, _hidden, $"{name}.ls2.gamma");
    }

    /// <param name="gamma">The name of the factors of each output; a factor is 1 where it is null, or absent in the checkpoint.</param>
    private Tensor ScaledLinear(GraphBuilder graph, Tensor x, string name, int outputs, int inputs, string? gamma)
    {
        var (weight, bias) = (Weights($"{name}.weight", outputs, inputs), Weights($"{name}.bias", outputs));
        if (gamma is not null && Has(gamma))
        {
            var factors = Weights(gamma, outputs);
            for (var o = 0; o < outputs; o++)
            {
                Scale(weight.AsSpan(o * inputs, inputs), factors[o]);
                bias[o] *= factors[o];
            }
        }

        return graph.Linear(x, weight, bias, inputs, name);
    }

    private Tensor Norm(GraphBuilder graph, Tensor x, string weights, string name)
    {
        var scale = graph.Constant($"{name}.weight", Weights($"{weights}.weight", _dimension), _dimension);
        return graph.LayerNormalization(x, scale, graph.Constant($"{name}.bias", Weights($"{weights}.bias", _dimension), _dimension), _epsilon, name);
    }

    /// <returns>The weights of queries, keys and values, row after row: one tensor in Meta's checkpoints, three in Hugging Face's.</returns>
    private (float[] Weight, float[] Bias) QueryKeyValue(string block)
    {
        if (!_huggingFace)
            return (Weights($"{block}.attn.qkv.weight", 3 * _dimension, _dimension), Weights($"{block}.attn.qkv.bias", 3 * _dimension));
        var parts = new[] { "query", "key", "value" };
        return (
            [.. parts.SelectMany(p => Weights($"{block}.attention.attention.{p}.weight", _dimension, _dimension))],
            [.. parts.SelectMany(p => Weights($"{block}.attention.attention.{p}.bias", _dimension))]);
    }

    private static void Scale(Span<float> values, double factor)
    {
        foreach (ref var value in values)
            value = (float)(value * factor);
    }

    private bool Has(string name) => _checkpoint.Tensors.ContainsKey(Name(name));

    private float[] Weights(string name, params IReadOnlyList<long> shape) => _checkpoint.Floats(Name(name), shape);

    private int[] Shape(string name, int axes)
    {
        var shape = _checkpoint.Find(Name(name)).Shape;
        return shape.Count == axes && shape.All(s => s is > 0 and < 1 << 20)
            ? [.. shape.Select(s => (int)s)]
            : throw Wrong($"has a tensor '{Name(name)}' of shape [{string.Join(", ", shape)}], want {axes} axes of reasonable size");
    }

    /// <param name="meta">The weight's name in Meta's checkpoints.</param>
    private string Name(string meta)
    {
        if (!_huggingFace)
            return _prefix + meta;
        var name = meta.StartsWith("blocks.", StringComparison.Ordinal)
            ? "encoder.layer." + meta["blocks.".Length..]
                .Replace("attn.proj", "attention.output.dense", StringComparison.Ordinal)
                .Replace("ls1.gamma", "layer_scale1.lambda1", StringComparison.Ordinal)
                .Replace("ls2.gamma", "layer_scale2.lambda1", StringComparison.Ordinal)
                .Replace("mlp.w12", "mlp.weights_in", StringComparison.Ordinal)
                .Replace("mlp.w3", "mlp.weights_out", StringComparison.Ordinal)
            : meta.Split('.') switch
            {
                ["pos_embed"] => "embeddings.position_embeddings",
                ["patch_embed", "proj", var kind] => $"embeddings.patch_embeddings.projection.{kind}",
                ["norm", var kind] => $"layernorm.{kind}",
                _ => $"embeddings.{meta}",
            };
        return _prefix + name;
    }

    /// <summary>Reads properties that tensors do not contain from Hugging Face's <c>config.json</c> beside them, where it is one of this model.</summary>
    private (int? Heads, float Epsilon) ReadConfig()
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_checkpoint.Path))!, "config.json");
        if (!File.Exists(path))
            return (null, DefaultEpsilon);
        try
        {
            using var config = JsonDocument.Parse(UserFiles.ReadBytes(path));
            var root = config.RootElement;
            if (!root.TryGetProperty("hidden_size", out var size) || size.GetInt32() != _dimension)
                return (null, DefaultEpsilon);
            return (
                root.TryGetProperty("num_attention_heads", out var heads) ? heads.GetInt32() : null,
                root.TryGetProperty("layer_norm_eps", out var epsilon) ? epsilon.GetSingle() : DefaultEpsilon);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new TensorFormatException($"{path}: not the config.json of a model: {e.Message}");
        }
    }

    private TensorFormatException Wrong(string what) => new($"{_checkpoint.Path}: {what}");
}
