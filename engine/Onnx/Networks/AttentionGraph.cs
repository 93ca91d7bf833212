using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Networks;

/// <summary>Adds the attention of each block to a transformer's graph: as ONNX Runtime's own operators, or as plain products.</summary>
public sealed class AttentionGraph
{
    private readonly GraphBuilder _graph;
    private readonly TransformerShape _shape;
    private readonly int _tokens;
    private readonly bool _fused;
    private readonly Rotation? _rotation;

    /// <param name="rotary">The positions of the tokens; null where queries and keys are not turned.</param>
    public AttentionGraph(GraphBuilder graph, TransformerShape shape, int tokens, bool fused, RotaryTable? rotary)
    {
        (_graph, _shape, _tokens, _fused) = (graph, shape, tokens, fused);
        if (rotary is null)
            return;
        IReadOnlyList<long> table = fused ? [tokens, shape.HeadDimension / 2] : [tokens, 1, shape.HeadDimension / 2];
        var rotation = new Rotation(graph.Constant("rotary.cosine", rotary.Cosine, table), graph.Constant("rotary.sine", rotary.Sine, table));
        _rotation = fused
            ? rotation with { First = graph.Integers("rotary.first", 0) }
            : rotation with { MinusSine = graph.Constant("rotary.minus_sine", [.. rotary.Sine.Select(s => -s)], table) };
    }

    /// <param name="x">The normalised tokens, [tokens, D].</param>
    /// <param name="queryKeyValue">The projections, which are modified: the factor 1/√d goes into those of the queries.</param>
    /// <returns>The joined results of all heads, [tokens, D], before they are projected.</returns>
    public Tensor Add(Tensor x, LinearWeights queryKeyValue, string name)
    {
        var factors = new float[_shape.Dimension];
        Array.Fill(factors, (float)(1 / Math.Sqrt(_shape.HeadDimension)));
        queryKeyValue.Scale(factors);
        var all = _graph.Linear(x, queryKeyValue.Weight, queryKeyValue.Bias, _shape.Dimension, $"{name}.qkv");
        return _graph.Reshape(_fused ? Fused(all, name) : Plain(all, name), $"{name}.joined", _tokens, _shape.Dimension);
    }

    private Tensor Fused(Tensor all, string name)
    {
        var parts = _graph.Split(_graph.Reshape(all, $"{name}.all", 1, _tokens, 3 * _shape.Dimension), 2, 3, $"{name}.parts");
        return _graph.Attention(Turned(parts[0], "query"), Turned(parts[1], "key"), parts[2], _shape.Heads, $"{name}.mixed");

        Tensor Turned(Tensor part, string kind) =>
            _rotation is null ? part : _graph.RotaryEmbedding(part, _rotation.First, _rotation.Cosine, _rotation.Sine, _shape.Heads, $"{name}.{kind}");
    }

    private Tensor Plain(Tensor all, string name)
    {
        var parts = _graph.Split(all, 1, 3, $"{name}.parts");
        var query = Heads(parts[0], "query", true, 1, 0, 2);
        var key = Heads(parts[1], "key", true, 1, 2, 0);
        var value = Heads(parts[2], "value", false, 1, 0, 2);
        var shares = _graph.Softmax(_graph.MatMul(query, key, $"{name}.logits"), $"{name}.shares");
        return _graph.Transpose(_graph.MatMul(shares, value, $"{name}.mixed"), $"{name}.joined.heads", 1, 0, 2);

        Tensor Heads(Tensor part, string kind, bool placed, params long[] axes)
        {
            var heads = _graph.Reshape(part, $"{name}.{kind}.heads", _tokens, _shape.Heads, _shape.HeadDimension);
            return _graph.Transpose(placed && _rotation is not null ? Turned(heads, _rotation, $"{name}.{kind}") : heads, $"{name}.{kind}", axes);
        }
    }

    /// <summary>Turns each pair (a, b) of values i and i + d/2 of a head: (a·cos − b·sin, b·cos + a·sin).</summary>
    private Tensor Turned(Tensor heads, Rotation rotation, string name)
    {
        var halves = _graph.Split(heads, 2, 2, $"{name}.halves");
        return _graph.Concat(2, $"{name}.turned", Half(0, rotation.MinusSine), Half(1, rotation.Sine));

        Tensor Half(int half, Tensor sine) => _graph.Add(
            _graph.Mul(halves[half], rotation.Cosine, $"{name}.{half}.cosine"), _graph.Mul(halves[1 - half], sine, $"{name}.{half}.sine"), $"{name}.{half}.sum");
    }

    private sealed record Rotation(Tensor Cosine, Tensor Sine)
    {
        /// <summary>The row of the tables that belongs to the first token; only for the runtime's operator.</summary>
        public Tensor First { get; init; }

        /// <summary>The negated sines; only for plain products.</summary>
        public Tensor MinusSine { get; init; }
    }
}
