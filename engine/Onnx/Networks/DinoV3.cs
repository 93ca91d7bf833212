using MrfAd.Onnx.Checkpoints;

namespace MrfAd.Onnx.Networks;

/// <summary>
/// DINOv3's vision transformers (Siméoni et al. 2025): rotary positions, class and storage tokens, key biases that are masked away. Reads the checkpoints of Meta
/// and of Hugging Face.
/// </summary>
public sealed class DinoV3 : ITransformer
{
    // All published models have the public code's layernormbf16; its other normalisation, layernorm, has 1e-6.
    private const float DefaultEpsilon = 1e-5f;
    private const float OtherEpsilon = 1e-6f;

    // rope_theta or pos_embed_rope_base of all published models.
    private const double DefaultBase = 100;

    private static readonly string[] Projections = ["q_proj", "k_proj", "v_proj"];

    private readonly NamedWeights _weights;
    private readonly bool _huggingFace;
    private readonly int _storage;
    private readonly float[] _periods;
    private readonly CoordinateScale _coordinates;

    private DinoV3(NamedWeights weights, bool huggingFace, NetworkOptions options)
    {
        (_weights, _huggingFace) = (weights, huggingFace);
        var patch = weights.Shape("patch_embed.proj.weight", 4);
        var blocks = weights.Blocks(i => $"blocks.{i}.norm1.weight");
        _storage = weights.Has("storage_tokens") ? weights.TokenCount("storage_tokens", patch[0]) : 0;
        var gated = weights.Has("blocks.0.mlp.w1.weight");
        var config = ModelConfig.Beside(weights.Path, patch[0]);
        var stored = StoredPeriods();
        var heads = weights.Heads(patch[0], options.Heads, stored is null ? config?.WholeNumber("num_attention_heads", "num_heads") : Math.Max(1, patch[0] / (4 * stored.Length)));
        if (patch[0] / heads % 4 != 0)
            throw weights.Wrong($"has heads of {patch[0] / heads} values, want multiples of 4: half of the angles are of rows, half of columns");
        _periods = stored ?? RotaryTable.Periods(config?.Number("rope_theta", "rope_parameters.rope_theta", "pos_embed_rope_base") ?? DefaultBase, patch[0] / heads / 4);
        if (_periods.Length * 4 * heads != patch[0])
            throw weights.Wrong($"has {_periods.Length} periods in '{weights.NameOf("rope_embed.periods")}', want {patch[0] / heads / 4}: {patch[0]} values in {heads} heads, a quarter of each");
        _coordinates = Enum.Parse<CoordinateScale>(config?.Choice("pos_embed_rope_normalize_coords", "separate", "min", "max") ?? "separate", ignoreCase: true);
        Shape = new TransformerShape
        {
            Dimension = patch[0],
            Patch = patch[3],
            PrefixTokens = 1 + _storage,
            Blocks = blocks,
            Heads = heads,
            Hidden = weights.Shape(gated ? "blocks.0.mlp.w3.weight" : "blocks.0.mlp.fc2.weight", 2)[1],
            Gated = gated,
            Silu = config?.Choice("hidden_act", "gelu", "silu") is { } activation ? activation == "silu" : gated,
            Epsilon = (float)(config?.Number("layer_norm_eps") ?? (config?.Choice("norm_layer", "layernorm", "layernormbf16") == "layernorm" ? OtherEpsilon : DefaultEpsilon)),
        };
    }

    public string Model => $"DINOv3 {(_storage > 0 ? $"with {_storage} registers" : "without registers")}";

    public string NamedBy => _huggingFace ? "Hugging Face" : "Meta";

    public long Parameters => _weights.Count;

    public TransformerShape Shape { get; }

    /// <returns>The network; null where the checkpoint is of another network.</returns>
    public static INetwork? Recognise(Checkpoint checkpoint, NetworkOptions options)
    {
        if (Prefix("layer.0.attention.q_proj.weight") is { } layers && Prefix("embeddings.cls_token") is { } embeddings)
        {
            // Newer versions of transformers put "model." before the layers alone.
            var names = new NamedWeights(checkpoint, embeddings, meta => meta.StartsWith("blocks.", StringComparison.Ordinal) ? layers + HuggingFaceLayer(meta) : embeddings + HuggingFaceName(meta));
            return new VisionTransformer(new DinoV3(names, true, options), options);
        }

        return (Prefix("rope_embed.periods") ?? Prefix("storage_tokens") ?? Prefix("blocks.0.attn.qkv.bias_mask")) is { } prefix
            ? new VisionTransformer(new DinoV3(new NamedWeights(checkpoint, prefix, meta => prefix + meta), false, options), options)
            : null;

        string? Prefix(string ending) => checkpoint.Tensors.Keys.FirstOrDefault(k => k.EndsWith(ending, StringComparison.Ordinal))?[..^ending.Length];
    }

    public EmbeddingWeights Embedding(int columns, int rows)
    {
        var d = Shape.Dimension;
        var prefix = _weights.Floats("cls_token", 1, 1, d);
        if (_storage > 0)
            prefix = [.. prefix, .. _weights.Floats("storage_tokens", 1, _storage, d)];
        return new EmbeddingWeights(prefix, _weights.Convolution("patch_embed.proj", d, 3, Shape.Patch), null);
    }

    public RotaryTable? Rotary(int columns, int rows) => RotaryTable.Of(columns, rows, _periods, _coordinates, Shape.PrefixTokens);

    public BlockWeights Block(int index)
    {
        var (name, d, hidden) = ($"blocks.{index}", Shape.Dimension, Shape.Hidden);
        return new BlockWeights(
            _weights.Norm($"{name}.norm1", d),
            QueryKeyValue(index),
            Scaled(Linear(index, "attn.proj", d, d), index, "ls1.gamma"),
            _weights.Norm($"{name}.norm2", d),
            Shape.Gated ? LinearWeights.Join(Linear(index, "mlp.w1", hidden, d), Linear(index, "mlp.w2", hidden, d)) : Linear(index, "mlp.fc1", hidden, d),
            Scaled(Linear(index, Shape.Gated ? "mlp.w3" : "mlp.fc2", d, hidden), index, "ls2.gamma"));
    }

    /// <summary>Reads the last normalisation; <c>local_cls_norm</c> is for training only.</summary>
    public (NormWeights Patches, NormWeights? Prefix) FinalNorm() =>
        (_weights.Norm("norm", Shape.Dimension), _weights.Has("cls_norm.weight") ? _weights.Norm("cls_norm", Shape.Dimension) : null);

    public void Dispose() => _weights.Dispose();

    /// <returns>The periods in the checkpoint, which count more than computed ones; null where there are none.</returns>
    private float[]? StoredPeriods()
    {
        const string name = "rope_embed.periods";
        if (!_weights.Has(name))
            return null;
        var periods = _weights.Floats(name, _weights.Shape(name, 1)[0]);
        return periods.All(p => float.IsFinite(p) && p > 0) ? periods : throw _weights.Wrong($"tensor '{_weights.NameOf(name)}' has a value that is no period, want positive numbers");
    }

    /// <returns>The projections: one tensor in Meta's checkpoints, whose biases are multiplied by a mask; three in Hugging Face's, where keys have no bias.</returns>
    private LinearWeights QueryKeyValue(int index)
    {
        var d = Shape.Dimension;
        if (_huggingFace)
            return LinearWeights.Join([.. Projections.Select(part => Linear(index, $"attn.{part}", d, d))]);
        var all = Linear(index, "attn.qkv", 3 * d, d);
        if (!InAnyBlock("attn.qkv.bias_mask"))
            return all;
        var mask = _weights.Floats($"blocks.{index}.attn.qkv.bias_mask", 3 * d);
        for (var o = 0; o < mask.Length; o++)
        {
            all.Bias[o] = mask[o] == 0 ? 0 : all.Bias[o] * mask[o];
            if (!float.IsFinite(mask[o]))
                throw _weights.Wrong($"tensor '{_weights.NameOf($"blocks.{index}.attn.qkv.bias_mask")}' has a value that is not a number: the model was saved before its weights were set");
        }

        return all;
    }

    /// <summary>Reads a layer, which has a bias where that layer has one in any block.</summary>
    private LinearWeights Linear(int index, string layer, int outputs, int inputs) => _weights.Linear($"blocks.{index}.{layer}", outputs, inputs, bias: InAnyBlock($"{layer}.bias"));

    private LinearWeights Scaled(LinearWeights layer, int index, string gamma) => InAnyBlock(gamma) ? layer.Scale(_weights.Floats($"blocks.{index}.{gamma}", Shape.Dimension)) : layer;

    private bool InAnyBlock(string tensor) => Enumerable.Range(0, Shape.Blocks).Any(i => _weights.Has($"blocks.{i}.{tensor}"));

    private static string HuggingFaceLayer(string meta) => "layer." + meta["blocks.".Length..]
        .Replace("attn.proj", "attention.o_proj", StringComparison.Ordinal)
        .Replace("attn.", "attention.", StringComparison.Ordinal)
        .Replace("ls1.gamma", "layer_scale1.lambda1", StringComparison.Ordinal)
        .Replace("ls2.gamma", "layer_scale2.lambda1", StringComparison.Ordinal)
        .Replace("mlp.fc1", "mlp.up_proj", StringComparison.Ordinal)
        .Replace("mlp.fc2", "mlp.down_proj", StringComparison.Ordinal)
        .Replace("mlp.w1", "mlp.gate_proj", StringComparison.Ordinal)
        .Replace("mlp.w2", "mlp.up_proj", StringComparison.Ordinal)
        .Replace("mlp.w3", "mlp.down_proj", StringComparison.Ordinal);

    private static string HuggingFaceName(string meta) => meta.Split('.') switch
    {
        ["cls_token"] => "embeddings.cls_token",
        ["storage_tokens"] => "embeddings.register_tokens",
        ["patch_embed", "proj", var kind] => $"embeddings.patch_embeddings.{kind}",
        ["rope_embed", var kind] => $"rope_embeddings.{kind}",
        _ => meta,
    };
}
