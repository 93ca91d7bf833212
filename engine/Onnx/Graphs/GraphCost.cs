using MrfAd.Onnx.Graphs.Format;

namespace MrfAd.Onnx.Graphs;

/// <summary>Computes the floating-point operations of a graph by following shapes through the operators that <see cref="GraphBuilder"/> writes for a transformer.</summary>
public static class GraphCost
{
    /// <returns>The number of operations; 0 where a shape is not fixed, or an operator is not one of those.</returns>
    public static double Of(GraphProto graph)
    {
        var shapes = graph.Initializer.DistinctBy(i => i.Name).ToDictionary(i => i.Name, i => i.Dims.ToArray());
        var texts = graph.Initializer.Where(i => i.DataType == 7).DistinctBy(i => i.Name).ToDictionary(i => i.Name, i => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(i.RawData.Span).ToArray());
        foreach (var input in graph.Input)
            shapes.TryAdd(input.Name, [.. input.Type?.TensorType?.Shape?.Dim.Select(d => d.DimValue) ?? []]);
        var operations = 0.0;
        foreach (var node in graph.Node)
        {
            if (Cost(node, shapes, texts) is not { } cost)
                return 0;
            operations += cost;
        }

        return operations;
    }

    private static double? Cost(NodeProto node, Dictionary<string, long[]> shapes, Dictionary<string, long[]> constants)
    {
        if (node.Input.Count == 0 || node.Output.Count == 0 || !shapes.TryGetValue(node.Input[0], out var x) || x.Length == 0 || x.Any(side => side < 1))
            return null;
        var other = node.Input.Count > 1 && shapes.TryGetValue(node.Input[1], out var second) ? second : [];
        var axes = node.Attribute.FirstOrDefault(a => a.Name == "perm")?.Ints;
        switch (node.OpType)
        {
            case "Conv" when x.Length == 4 && other is [_, _, > 0, > 0]: // the patch embedding, whose stride equals its kernel
                var (rows, columns) = (x[2] / other[2], x[3] / other[3]);
                shapes[node.Output[0]] = [1, other[0], rows, columns];
                return 2.0 * rows * columns * other.Aggregate(1.0, (product, side) => product * side);
            case "Gemm" when x.Length == 2 && other.Length == 2:
                shapes[node.Output[0]] = [x[0], other[0]];
                return 2.0 * x[0] * x[1] * other[0];
            case "DynamicQuantizeMatMul" when x.Length == 2 && other.Length == 2:
                shapes[node.Output[0]] = [x[0], other[1]];
                return 2.0 * x[0] * x[1] * other[1];
            case "MatMul" when other.Length > 0:
                shapes[node.Output[0]] = [.. x[..^1], other[^1]];
                return 2.0 * x.Aggregate(1.0, (product, side) => product * side) * other[^1];
            case "MultiHeadAttention" when x.Length == 3:
                shapes[node.Output[0]] = x;
                return 4.0 * x[1] * x[1] * x[2];
            case "Reshape" when node.Input.Count > 1 && constants.TryGetValue(node.Input[1], out var shape):
                shapes[node.Output[0]] = shape;
                return 0;
            case "Transpose" when axes is not null && axes.All(axis => axis >= 0 && axis < x.Length):
                shapes[node.Output[0]] = [.. axes.Select(axis => x[axis])];
                return 0;
            case "Split" when node.Attribute.FirstOrDefault(a => a.Name == "axis") is { I: var split }:
                foreach (var output in node.Output)
                    shapes[output] = [.. x.Select((side, axis) => axis == split ? side / node.Output.Count : side)];
                return 0;
            case "Concat" when other.Length == x.Length && node.Attribute.FirstOrDefault(a => a.Name == "axis") is { I: var joined } && joined >= 0:
                shapes[node.Output[0]] = [.. x.Select((side, axis) => axis == joined ? side + other[axis] : side)];
                return 0;
            case "RotaryEmbedding" or "Add" or "Mul" or "Gelu" or "Sigmoid" or "Softmax" or "LayerNormalization" or "Cast" or "Relu":
                shapes[node.Output[0]] = x;
                return 0;
            default:
                return null;
        }
    }
}
