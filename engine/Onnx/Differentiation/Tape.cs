using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Differentiation;

/// <summary>
/// Builds a graph whose shapes are all known and records how each value was computed, so that <see cref="Gradients"/> can differentiate it.
/// Binary operators broadcast as ONNX does.
/// </summary>
public sealed class Tape(GraphBuilder graph)
{
    // The first operator set in which ReduceSum's axes are an input and in which Softmax works on one axis.
    private const int AxesAsInput = 13;

    private readonly Dictionary<float, Var> _numbers = [];
    private int _count;

    public GraphBuilder Graph => graph;

    public Var Input(string name, params long[] shape) => new(graph.Input(name, [.. shape.Select(s => (long?)s)]), shape) { Operator = "Input" };

    /// <param name="values">The values, row-major.</param>
    public Var Constant(string name, ReadOnlySpan<float> values, params long[] shape) => new(graph.Constant(name, values, shape), shape);

    /// <summary>Wraps a tensor of the graph as a constant: gradients stop there.</summary>
    public static Var Given(Tensor tensor, params long[] shape) => new(tensor, shape);

    public Var Number(float value) =>
        _numbers.TryGetValue(value, out var known) ? known : _numbers[value] = Constant(FormattableString.Invariant($"number.{value:R}"), [value]);

    public Var Add(Var a, Var b) => Binary("Add", a, b);

    public Var Sub(Var a, Var b) => Binary("Sub", a, b);

    public Var Mul(Var a, Var b) => Binary("Mul", a, b);

    public Var Div(Var a, Var b) => Binary("Div", a, b);

    public Var Scale(Var x, float factor) => Mul(x, Number(factor));

    public Var Relu(Var x) => Unary("Relu", x);

    public Var Abs(Var x) => Unary("Abs", x);

    /// <summary>Returns the sign of each element: −1, 0 or 1. It has no gradient.</summary>
    public Var Sign(Var x) => Unary("Sign", x);

    public Var Sigmoid(Var x) => Unary("Sigmoid", x);

    public Var Sqrt(Var x) => Unary("Sqrt", x);

    public Var Log(Var x) => Unary("Log", x);

    /// <summary>Returns the same value without a gradient.</summary>
    public static Var Detach(Var x) => Given(x.Tensor, x.Shape);

    /// <summary>Matrix product over the last two axes; the axes before them broadcast.</summary>
    public Var MatMul(Var a, Var b)
    {
        if (a.Shape.Length < 2 || b.Shape.Length < 2 || a.Shape[^1] != b.Shape[^2])
            throw new ArgumentException($"cannot multiply {a} by {b}", nameof(b));
        long[] shape = [.. Broadcast(a.Shape[..^2], b.Shape[..^2]), a.Shape[^2], b.Shape[^1]];
        return Emit("MatMul", shape, [a, b]);
    }

    /// <summary>Depthwise convolution: each channel has a kernel of its own, and the size stays.</summary>
    /// <param name="x">The input, [B, C, H, W].</param>
    /// <param name="weight">The kernels, [C, 1, k, k], k odd.</param>
    public Var Depthwise(Var x, Var weight)
    {
        if (x.Shape.Length != 4 || weight.Shape.Length != 4 || weight.Shape[0] != x.Shape[1] || weight.Shape[1] != 1 || weight.Shape[2] % 2 == 0 || weight.Shape[2] != weight.Shape[3])
            throw new ArgumentException($"want [B, C, H, W] and [C, 1, k, k] with k odd, got {x} and {weight}", nameof(weight));
        return Emit("Conv", x.Shape, [x, weight], [], [Group(x.Shape[1]), Pads(weight.Shape[2] / 2)]);
    }

    /// <summary>Softmax over one axis.</summary>
    public Var Softmax(Var x, int axis) => graph.OperatorSet < AxesAsInput
        ? throw new NotSupportedException($"Softmax over an axis wants operator set {AxesAsInput}, the graph has {graph.OperatorSet}")
        : Emit("Softmax", x.Shape, [x], [axis], [("axis", [axis], false)]);

    /// <summary>Sums over axes, which stay with one element.</summary>
    public Var Sum(Var x, params long[] axes)
    {
        long[] shape = [.. x.Shape.Select((side, axis) => axes.Contains(axis) ? 1 : side)];
        (string, long[], bool) keep = ("keepdims", [1], false);
        return graph.OperatorSet < AxesAsInput
            ? Emit("ReduceSum", shape, [x], axes, [keep, ("axes", axes, true)])
            : Emit("ReduceSum", shape, [x], axes, [keep], axes);
    }

    public Var Mean(Var x, params long[] axes) => Scale(Sum(x, axes), 1f / axes.Aggregate(1L, (count, axis) => count * x.Shape[axis]));

    /// <summary>Mean over all axes, which stay with one element.</summary>
    public Var Mean(Var x) => Mean(x, [.. Enumerable.Range(0, x.Shape.Length).Select(axis => (long)axis)]);

    public Var Expand(Var x, params long[] shape) => shape.SequenceEqual(x.Shape) ? x : Emit("Expand", shape, [x], [], [], shape);

    public Var Reshape(Var x, params long[] shape) => Emit("Reshape", shape, [x], [], [], shape);

    /// <param name="axes">For each axis of the result, the axis of the input.</param>
    public Var Transpose(Var x, params long[] axes) => Emit("Transpose", [.. axes.Select(a => x.Shape[a])], [x], axes, [("perm", axes, true)]);

    /// <summary>Swaps the last two axes.</summary>
    public Var SwapLastAxes(Var x)
    {
        var last = x.Shape.Length - 1;
        return Transpose(x, [.. Enumerable.Range(0, last - 1).Select(a => (long)a), last, last - 1]);
    }

    public Var Concat(int axis, params Var[] parts)
    {
        var shape = parts[0].Shape.ToArray();
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        return Emit("Concat", shape, parts, [axis], [("axis", [axis], false)]);
    }

    public Var Slice(Var x, int axis, long start, long end)
    {
        var shape = x.Shape.ToArray();
        shape[axis] = end - start;
        var name = Next("Slice");
        var tensor = graph.Operator("Slice", name, [x.Tensor, graph.Integers($"{name}.start", start), graph.Integers($"{name}.end", end), graph.Integers($"{name}.axis", axis)]);
        return new Var(tensor, shape) { Operator = "Slice", Inputs = [x], Numbers = [axis, start, end] };
    }

    /// <summary>Names a value as an output of the graph.</summary>
    public Var Output(Var x, string name) => x with { Tensor = graph.Operator("Identity", name, [x.Tensor]) };

    /// <summary>Adds a node; <paramref name="last"/> are integers that it takes as its last input.</summary>
    public Var Emit(string type, long[] shape, Var[] inputs, long[]? numbers = null, (string Name, long[] Values, bool IsList)[]? attributes = null, long[]? last = null)
    {
        var name = Next(type);
        List<Tensor> tensors = [.. inputs.Select(i => i.Tensor)];
        if (last is not null)
            tensors.Add(graph.Integers($"{name}.numbers", last));
        return new Var(graph.Operator(type, name, tensors, attributes ?? []), shape) { Operator = type, Inputs = inputs, Numbers = numbers ?? [] };
    }

    public static (string, long[], bool) Group(long groups) => ("group", [groups], false);

    public static (string, long[], bool) Pads(long pad) => ("pads", [pad, pad, pad, pad], true);

    private Var Unary(string type, Var x) => Emit(type, x.Shape, [x]);

    private Var Binary(string type, Var a, Var b) => Emit(type, Broadcast(a.Shape, b.Shape), [a, b]);

    private string Next(string type) => FormattableString.Invariant($"{type}.{_count++}");

    private static long[] Broadcast(long[] a, long[] b)
    {
        var shape = new long[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var (one, other) = (i <= a.Length ? a[^i] : 1, i <= b.Length ? b[^i] : 1);
            if (one != other && one != 1 && other != 1)
                throw new ArgumentException($"shapes [{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not go together", nameof(b));
            shape[^i] = Math.Max(one, other);
        }

        return shape;
    }
}
