using System.Globalization;
using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Networks;

/// <summary>A vision transformer as a graph, whichever checkpoint its weights are from. Layers are block outputs, counted from 0.</summary>
public sealed class VisionTransformer(ITransformer weights, NetworkOptions options) : INetwork
{
    private readonly TransformerShape _shape = weights.Shape;

    public string Variant => FormattableString.Invariant(
        $"{weights.Model}, ViT {_shape.Dimension}/{_shape.Patch}, {_shape.Blocks} blocks, {_shape.Heads} heads{(_shape.Gated ? _shape.Silu ? ", SwiGLU" : ", GEGLU" : "")}, {weights.NamedBy}'s names");

    public long Parameters => weights.Parameters;

    public int SizeMultiple => _shape.Patch;

    public int PrefixTokens => _shape.PrefixTokens;

    public bool FixedSize => true;

    public IReadOnlyList<string> Layers => [.. Enumerable.Range(0, _shape.Blocks).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Blocks 7, 9 and 11 of 12, as in the MRF-AD paper, and blocks at the same relative depth in other sizes.</summary>
    public IReadOnlyList<string> DefaultLayers => PaperLayers.Find("mrf-ad")!.Of(Layers);

    public string TensorOf(string layer) => $"block{layer}";

    public GraphBuilder Build(int width, int height, IReadOnlyList<string> layers)
    {
        var patch = _shape.Patch;
        if (width % patch != 0 || height % patch != 0 || width < 1 || height < 1)
            throw new OnnxModelException($"the input is {height}x{width}, want multiples of {patch}");
        var graph = new GraphBuilder(FormattableString.Invariant($"{weights.Model} {height}x{width}"), options.Precision);
        var asked = layers.Select(l => int.Parse(l, CultureInfo.InvariantCulture)).ToHashSet();
        var (columns, rows) = (width / patch, height / patch);
        var tokens = PrefixTokens + (columns * rows);
        var attention = new AttentionGraph(graph, _shape, tokens, options.FusedAttention, weights.Rotary(columns, rows));
        var x = Embed(graph, columns, rows);
        for (var block = 0; block <= asked.Max(); block++)
        {
            x = Block(graph, attention, x, block);
            if (asked.Contains(block))
                graph.Output(graph.Reshape(options.FinalNorm ? FinalNorm(graph, x, $"blocks.{block}.final") : x, $"block{block}", 1, tokens, _shape.Dimension));
        }

        return graph;
    }

    public NetworkCost Cost(int width, int height, IReadOnlyList<string> layers)
    {
        double patches = (width / _shape.Patch) * (height / _shape.Patch), tokens = patches + PrefixTokens, d = _shape.Dimension;
        var blocks = layers.Max(l => int.Parse(l, CultureInfo.InvariantCulture)) + 1;
        var mlpWeights = d * _shape.Hidden * (_shape.Gated ? 3 : 2);
        var block = 2 * tokens * ((4 * d * d) + mlpWeights + (2 * tokens * d));
        var weightCount = (blocks * ((4 * d * d) + mlpWeights + (9 * d) + _shape.Hidden)) + (d * 3 * _shape.Patch * _shape.Patch) + (tokens * d);
        // Logits and their softmax, where they are held in memory; x, q, k, v twice (joined and split), and the sum.
        var attention = (options.FusedAttention ? 0 : 2.0 * _shape.Heads * tokens * tokens) + (8 * tokens * d);
        var mlp = tokens * (d + (2 * _shape.Hidden * (_shape.Gated ? 2 : 1)));
        return new NetworkCost((long)tokens, (2 * patches * d * 3 * _shape.Patch * _shape.Patch) + (blocks * block), WeightBytes(weightCount), 4 * (long)Math.Max(attention, mlp));
    }

    public void Dispose() => weights.Dispose();

    private long WeightBytes(double count) => (long)(count * options.Precision switch { GraphPrecision.Fp32 => 4, GraphPrecision.Fp16 => 2, _ => 1 });

    private Tensor Embed(GraphBuilder graph, int columns, int rows)
    {
        var (d, patch) = (_shape.Dimension, _shape.Patch);
        var embedding = weights.Embedding(columns, rows);
        var image = graph.Input("image", 1, 3, rows * patch, columns * patch);
        var weight = graph.Constant("patch.weight", embedding.Patch.Weight, d, 3, patch, patch);
        var x = graph.Conv(image, weight, graph.Constant("patch.bias", embedding.Patch.Bias, d), patch, 0, "patch");
        x = graph.Reshape(x, "patch.flat", d, rows * columns);
        x = graph.Transpose(x, "patch.tokens", 1, 0);
        if (embedding.Positions is { } positions)
            x = graph.Add(x, graph.Constant("positions", positions, rows * columns, d), "patch.placed");
        return graph.Concat(0, "tokens", graph.Constant("prefix", embedding.Prefix, PrefixTokens, d), x);
    }

    private Tensor Block(GraphBuilder graph, AttentionGraph attention, Tensor x, int index)
    {
        var name = $"blocks.{index}";
        var block = weights.Block(index);
        var attended = attention.Add(Norm(graph, x, block.AttentionNorm, $"{name}.norm1"), block.QueryKeyValue, name);
        x = graph.Add(x, Linear(graph, attended, block.Projection, $"{name}.attn.proj"), $"{name}.attended");
        var inner = Linear(graph, Norm(graph, x, block.MlpNorm, $"{name}.norm2"), block.MlpInput, $"{name}.mlp.input");
        return graph.Add(x, Linear(graph, _shape.Gated ? Gate(graph, inner, name) : Activation(graph, inner, name), block.MlpOutput, $"{name}.mlp.output"), $"{name}.out");
    }

    private Tensor Gate(GraphBuilder graph, Tensor x, string name)
    {
        var halves = graph.Split(x, 1, 2, $"{name}.mlp.halves");
        return graph.Mul(Activation(graph, halves[0], name), halves[1], $"{name}.mlp.gated");
    }

    private Tensor Activation(GraphBuilder graph, Tensor x, string name) =>
        _shape.Silu ? graph.Mul(x, graph.Sigmoid(x, $"{name}.mlp.sigmoid"), $"{name}.mlp.silu") : graph.Gelu(x, $"{name}.mlp.gelu");

    private Tensor FinalNorm(GraphBuilder graph, Tensor x, string name)
    {
        var (patches, prefix) = weights.FinalNorm();
        if (prefix is null)
            return Norm(graph, x, patches, name);
        var axis = graph.Integers($"{name}.axis", 0);
        var border = graph.Integers($"{name}.border", PrefixTokens);
        var before = graph.Operator("Slice", $"{name}.before", [x, graph.Integers($"{name}.begin", 0), border, axis]);
        var after = graph.Operator("Slice", $"{name}.after", [x, border, graph.Integers($"{name}.end", long.MaxValue), axis]);
        return graph.Concat(0, name, Norm(graph, before, prefix, $"{name}.prefix"), Norm(graph, after, patches, $"{name}.patches"));
    }

    private Tensor Norm(GraphBuilder graph, Tensor x, NormWeights norm, string name)
    {
        var scale = graph.Constant($"{name}.weight", norm.Scale, _shape.Dimension);
        return graph.LayerNormalization(x, scale, graph.Constant($"{name}.bias", norm.Bias, _shape.Dimension), _shape.Epsilon, name);
    }

    private static Tensor Linear(GraphBuilder graph, Tensor x, LinearWeights layer, string name) => graph.Linear(x, layer.Weight, layer.Bias, layer.Inputs, name);
}
