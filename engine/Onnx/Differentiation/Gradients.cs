namespace MrfAd.Onnx.Differentiation;

/// <summary>Reverse-mode differentiation: from a loss back over the tape to the parameters, with a rule for each operator.</summary>
public static class Gradients
{
    /// <summary>Returns the gradients of an operator's inputs, given its output y and the loss's gradient dy there; null for an input without one. Broadcast axes are summed afterwards.</summary>
    private delegate Var?[] Rule(Tape t, Var y, Var dy);

    private static readonly Dictionary<string, Rule> Rules = new()
    {
        ["Add"] = (_, _, dy) => [dy, dy],
        ["Sub"] = (t, _, dy) => [dy, t.Scale(dy, -1)],
        ["Mul"] = (t, y, dy) => [t.Mul(dy, y.Inputs[1]), t.Mul(dy, y.Inputs[0])],
        ["Div"] = (t, y, dy) => [t.Div(dy, y.Inputs[1]), t.Scale(t.Mul(dy, t.Div(y, y.Inputs[1])), -1)],
        ["Relu"] = (t, y, dy) => [t.Mul(dy, t.Sign(y))],
        ["Abs"] = (t, y, dy) => [t.Mul(dy, t.Sign(y.Inputs[0]))],
        ["Sign"] = (_, _, _) => [null],
        ["Sigmoid"] = (t, y, dy) => [t.Mul(dy, t.Mul(y, t.Sub(t.Number(1), y)))],
        ["Sqrt"] = (t, y, dy) => [t.Div(t.Scale(dy, 0.5f), y)],
        ["Log"] = (t, y, dy) => [t.Div(dy, y.Inputs[0])],
        ["Softmax"] = (t, y, dy) => [t.Mul(y, t.Sub(dy, t.Sum(t.Mul(dy, y), y.Numbers)))],
        ["MatMul"] = (t, y, dy) => [t.MatMul(dy, t.SwapLastAxes(y.Inputs[1])), t.MatMul(t.SwapLastAxes(y.Inputs[0]), dy)],
        ["ReduceSum"] = (t, y, dy) => [t.Expand(dy, y.Inputs[0].Shape)],
        ["Expand"] = (_, _, dy) => [dy],
        ["Reshape"] = (t, y, dy) => [t.Reshape(dy, y.Inputs[0].Shape)],
        ["Transpose"] = (t, y, dy) => [t.Transpose(dy, Inverse(y.Numbers))],
        ["Concat"] = Concat,
        ["Slice"] = Slice,
        ["Conv"] = (t, y, dy) => [DepthwiseInput(t, y, dy), DepthwiseWeight(t, y, dy)],
    };

    /// <summary>The names of the operators that can be differentiated.</summary>
    public static IEnumerable<string> Operators => Rules.Keys;

    /// <param name="loss">The loss, a value of one element.</param>
    /// <param name="of">The values to differentiate by: inputs, or any intermediate values.</param>
    /// <returns>The gradient ∂loss/∂x for each x of <paramref name="of"/>, in the shape of x.</returns>
    /// <exception cref="ArgumentException">The loss has more than one element, or does not depend on one of them.</exception>
    /// <exception cref="NotSupportedException">There is no rule for an operator between them.</exception>
    public static IReadOnlyList<Var> Of(Tape tape, Var loss, IReadOnlyList<Var> of)
    {
        if (loss.Count != 1)
            throw new ArgumentException($"a loss has one element, got {loss}", nameof(loss));
        var order = Order(loss, of);
        var between = order.ToHashSet(ReferenceEqualityComparer.Instance);
        var wanted = of.ToHashSet(ReferenceEqualityComparer.Instance);
        var gradients = new Dictionary<Var, Var>(ReferenceEqualityComparer.Instance) { [loss] = tape.Expand(tape.Number(1), loss.Shape) };
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var y = order[i];
            if (wanted.Contains(y) || !gradients.TryGetValue(y, out var dy))
                continue;
            if (!Rules.TryGetValue(y.Operator, out var rule))
                throw new NotSupportedException($"there is no gradient for {y}");
            foreach (var (x, dx) in y.Inputs.Zip(rule(tape, y, dy)))
            {
                if (dx is null || !between.Contains(x))
                    continue;
                var whole = SumTo(tape, dx, x.Shape);
                gradients[x] = gradients.TryGetValue(x, out var so) ? tape.Add(so, whole) : whole;
            }
        }

        return [.. of.Select(x => gradients.TryGetValue(x, out var g) ? g : throw new ArgumentException($"the loss does not depend on {x}", nameof(of)))];
    }

    /// <returns>The values between the inputs and the loss, each after its own inputs.</returns>
    private static List<Var> Order(Var loss, IReadOnlyList<Var> of)
    {
        var order = new List<Var>();
        var known = new Dictionary<Var, bool>(ReferenceEqualityComparer.Instance);
        Visit(loss);
        return order;

        bool Visit(Var x)
        {
            if (known.TryGetValue(x, out var depends))
                return depends;
            depends = of.Contains(x, ReferenceEqualityComparer.Instance);
            foreach (var input in x.Inputs)
                depends |= Visit(input);
            if (depends)
                order.Add(x);
            return known[x] = depends;
        }
    }

    private static Var SumTo(Tape t, Var dx, long[] shape)
    {
        var extra = dx.Shape.Length - shape.Length;
        long[] axes = [.. Enumerable.Range(0, dx.Shape.Length).Where(a => a < extra || (shape[a - extra] == 1 && dx.Shape[a] != 1)).Select(a => (long)a)];
        if (axes.Length > 0)
            dx = t.Sum(dx, axes);
        return dx.Shape.SequenceEqual(shape) ? dx : extra > 0 ? t.Reshape(dx, shape) : t.Expand(dx, shape);
    }

    private static long[] Inverse(long[] axes)
    {
        var inverse = new long[axes.Length];
        for (var i = 0; i < axes.Length; i++)
            inverse[axes[i]] = i;
        return inverse;
    }

    private static Var?[] Concat(Tape t, Var y, Var dy)
    {
        var axis = (int)y.Numbers[0];
        var parts = new Var[y.Inputs.Length];
        var start = 0L;
        for (var i = 0; i < parts.Length; i++)
            parts[i] = t.Slice(dy, axis, start, start += y.Inputs[i].Shape[axis]);
        return parts;
    }

    /// <summary>The gradient of Slice: dy padded with zeros.</summary>
    private static Var?[] Slice(Tape t, Var y, Var dy)
    {
        var (axis, start, end, whole) = ((int)y.Numbers[0], y.Numbers[1], y.Numbers[2], y.Inputs[0].Shape[y.Numbers[0]]);
        return [t.Concat(axis, [.. new[] { Zeros(start), dy, Zeros(whole - end) }.OfType<Var>()])];

        Var? Zeros(long length)
        {
            var shape = dy.Shape.ToArray();
            shape[axis] = length;
            return length == 0 ? null : t.Expand(t.Number(0), shape);
        }
    }

    private static Var DepthwiseInput(Tape t, Var y, Var dy)
    {
        var (x, weight) = (y.Inputs[0], y.Inputs[1]);
        return t.Emit("ConvTranspose", x.Shape, [dy, weight], [], [Tape.Group(x.Shape[1]), Tape.Pads(weight.Shape[2] / 2)]);
    }

    /// <summary>The gradient of a depthwise kernel: each channel's input is correlated with its dy, and the batch is summed as a convolution sums its channels.</summary>
    private static Var DepthwiseWeight(Tape t, Var y, Var dy)
    {
        var (x, weight) = (y.Inputs[0], y.Inputs[1]);
        var (batch, channels, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var images = t.Reshape(t.Transpose(x, 1, 0, 2, 3), 1, channels * batch, height, width);
        var kernels = t.Transpose(dy, 1, 0, 2, 3);
        long[] shape = [1, channels, weight.Shape[2], weight.Shape[3]];
        return t.Reshape(t.Emit("Conv", shape, [images, kernels], [], [Tape.Group(channels), Tape.Pads(weight.Shape[2] / 2)]), weight.Shape);
    }
}
