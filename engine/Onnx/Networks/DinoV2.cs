using MrfAd.Onnx.Checkpoints;

namespace MrfAd.Onnx.Networks;

/// <summary>
/// DINOv2, with or without registers (Oquab et al. 2023, Darcet et al. 2024). Reads the checkpoints of Meta and of Hugging Face, which name the same weights
/// differently.
/// </summary>
public sealed class DinoV2 : ITransformer
{
    private const float DefaultEpsilon = 1e-6f;

    private static readonly string[] Projections = ["query", "key", "value"];

    private readonly NamedWeights _weights;
    private readonly bool _huggingFace;
    private readonly int _side;
    private readonly int _registers;

    private DinoV2(Checkpoint checkpoint, string prefix, bool huggingFace, NetworkOptions options)
    {
        _weights = new NamedWeights(checkpoint, prefix, meta => prefix + (huggingFace ? HuggingFaceName(meta) : meta));
        _huggingFace = huggingFace;
        var patch = _weights.Shape("patch_embed.proj.weight", 4);
        var positions = _weights.Shape("pos_embed", 3)[1] - 1;
        _side = (int)Math.Sqrt(positions);
        if (_side < 1 || _side * _side != positions)
            throw _weights.Wrong($"has {positions} positions, want a square number");
        _registers = _weights.Has("register_tokens") ? _weights.Shape("register_tokens", 3)[1] : 0;
        var blocks = _weights.Blocks(i => $"blocks.{i}.norm1.weight");
        var gated = _weights.Has("blocks.0.mlp.w12.weight");
        var config = ModelConfig.Beside(checkpoint.Path, patch[0]);
        Shape = new TransformerShape
        {
            Dimension = patch[0],
            Patch = patch[3],
            PrefixTokens = 1 + _registers,
            Blocks = blocks,
            Heads = _weights.Heads(patch[0], options.Heads, config?.WholeNumber("num_attention_heads")),
            Hidden = _weights.Shape(gated ? "blocks.0.mlp.w3.weight" : "blocks.0.mlp.fc2.weight", 2)[1],
            Gated = gated,
            Silu = gated,
            Epsilon = (float)(config?.Number("layer_norm_eps") ?? DefaultEpsilon),
        };
    }

    public string Model => $"DINOv2 {(_registers > 0 ? $"with {_registers} registers" : "without registers")}";

    public string NamedBy => _huggingFace ? "Hugging Face" : "Meta";

    public long Parameters => _weights.Count;

    public TransformerShape Shape { get; }

    /// <returns>The network; null where the checkpoint is of another network.</returns>
    public static INetwork? Recognise(Checkpoint checkpoint, NetworkOptions options)
    {
        foreach (var (ending, huggingFace) in new[] { ("embeddings.position_embeddings", true), ("pos_embed", false) })
        {
            if (checkpoint.Tensors.Keys.FirstOrDefault(k => k.EndsWith(ending, StringComparison.Ordinal)) is { } name)
                return new VisionTransformer(new DinoV2(checkpoint, name[..^ending.Length], huggingFace, options), options);
        }

        return null;
    }

    /// <summary>Reads the embedding. Only the class token and the patches have positions.</summary>
    public EmbeddingWeights Embedding(int columns, int rows)
    {
        var d = Shape.Dimension;
        var positions = _weights.Floats("pos_embed", 1, (_side * _side) + 1, d);
        var prefix = _weights.Floats("cls_token", 1, 1, d);
        for (var k = 0; k < d; k++)
            prefix[k] += positions[k];
        if (_registers > 0)
            prefix = [.. prefix, .. _weights.Floats("register_tokens", 1, _registers, d)];
        return new EmbeddingWeights(
            prefix, _weights.Convolution("patch_embed.proj", d, 3, Shape.Patch), PositionalEmbedding.Resample(positions.AsSpan(d), _side, d, columns, rows, antialias: _registers > 0));
    }

    public RotaryTable? Rotary(int columns, int rows) => null;

    public BlockWeights Block(int index)
    {
        var (name, d, hidden) = ($"blocks.{index}", Shape.Dimension, Shape.Hidden);
        return new BlockWeights(
            _weights.Norm($"{name}.norm1", d),
            QueryKeyValue(name),
            Scaled(_weights.Linear($"{name}.attn.proj", d, d), $"{name}.ls1.gamma"),
            _weights.Norm($"{name}.norm2", d),
            Shape.Gated ? _weights.Linear($"{name}.mlp.w12", 2 * hidden, d) : _weights.Linear($"{name}.mlp.fc1", hidden, d),
            Scaled(_weights.Linear(Shape.Gated ? $"{name}.mlp.w3" : $"{name}.mlp.fc2", d, hidden), $"{name}.ls2.gamma"));
    }

    public (NormWeights Patches, NormWeights? Prefix) FinalNorm() => (_weights.Norm("norm", Shape.Dimension), null);

    public void Dispose() => _weights.Dispose();

    /// <param name="gamma">The factors of each output; they are 1 where the checkpoint has none.</param>
    private LinearWeights Scaled(LinearWeights layer, string gamma) => _weights.Has(gamma) ? layer.Scale(_weights.Floats(gamma, Shape.Dimension)) : layer;

    /// <returns>The projections: one tensor in Meta's checkpoints, three in Hugging Face's.</returns>
    private LinearWeights QueryKeyValue(string block)
    {
        var d = Shape.Dimension;
        return _huggingFace
            ? LinearWeights.Join([.. Projections.Select(part => _weights.Linear($"{block}.attn.{part}", d, d))])
            : _weights.Linear($"{block}.attn.qkv", 3 * d, d);
    }

    private static string HuggingFaceName(string meta) => meta.StartsWith("blocks.", StringComparison.Ordinal)
        ? "encoder.layer." + meta["blocks.".Length..]
            .Replace("attn.proj", "attention.output.dense", StringComparison.Ordinal)
            .Replace("attn.", "attention.attention.", StringComparison.Ordinal)
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
}
