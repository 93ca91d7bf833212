using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Tests.Onnx;

/// <summary>Each operator's gradient beside central differences of the same graph.</summary>
public sealed class GradientTests
{
    private const float Step = 1e-2f;

    /// <summary>The shapes of the inputs and a use of each operator, by its name. Inputs lie between 0.5 and 1.5, with every second one negative where that is allowed.</summary>
    private static readonly Dictionary<string, (long[][] Shapes, bool Signed, Func<Tape, Var[], Var> Use)> Uses = new()
    {
        ["Add"] = ([[2, 3, 4], [3, 1]], true, (t, x) => t.Add(x[0], x[1])),
        ["Sub"] = ([[3, 1], [2, 3, 4]], true, (t, x) => t.Sub(x[0], x[1])),
        ["Mul"] = ([[2, 3, 4], [2, 1, 4]], true, (t, x) => t.Mul(x[0], x[1])),
        ["Div"] = ([[2, 3], [3]], true, (t, x) => t.Div(x[0], x[1])),
        ["Relu"] = ([[3, 4]], true, (t, x) => t.Relu(x[0])),
        ["Abs"] = ([[3, 4]], true, (t, x) => t.Abs(x[0])),
        ["Sign"] = ([[3, 4]], true, (t, x) => t.Mul(x[0], t.Sign(x[0]))),
        ["Sigmoid"] = ([[3, 4]], true, (t, x) => t.Sigmoid(x[0])),
        ["Sqrt"] = ([[3, 4]], false, (t, x) => t.Sqrt(x[0])),
        ["Log"] = ([[3, 4]], false, (t, x) => t.Log(x[0])),
        ["Softmax"] = ([[2, 5, 3]], true, (t, x) => t.Softmax(x[0], 1)),
        ["MatMul"] = ([[4, 3], [2, 3, 5]], true, (t, x) => t.MatMul(x[0], x[1])),
        ["ReduceSum"] = ([[2, 3, 4]], true, (t, x) => t.Mul(t.Sum(x[0], 0, 2), t.Sum(x[0], 1))),
        ["Expand"] = ([[2, 1, 3]], true, (t, x) => t.Expand(x[0], 2, 4, 3)),
        ["Reshape"] = ([[2, 6]], true, (t, x) => t.Reshape(x[0], 3, 4)),
        ["Transpose"] = ([[2, 3, 4]], true, (t, x) => t.Transpose(x[0], 2, 0, 1)),
        ["Concat"] = ([[2, 3], [2, 1], [2, 2]], true, (t, x) => t.Concat(1, x)),
        ["Slice"] = ([[2, 6]], true, (t, x) => t.Slice(x[0], 1, 2, 5)),
        ["Conv"] = ([[2, 3, 5, 4], [3, 1, 3, 3]], true, (t, x) => t.Depthwise(x[0], x[1])),
    };

    public static TheoryData<string> Operators => [.. Gradients.Operators];

    [Theory]
    [MemberData(nameof(Operators))]
    public void The_gradient_of_an_operator_is_what_finite_differences_say(string type)
    {
        var (shapes, signed, use) = Uses[type];
        var random = new Random(7);
        float[][] values = [.. shapes.Select(s => Enumerable.Range(0, (int)Count(s)).Select(i => (float)(0.5 + random.NextDouble()) * (signed && i % 2 == 1 ? -1 : 1)).ToArray())];
        Check(shapes, values, use);
    }

    [Fact]
    public void A_value_used_twice_gets_both_gradients() =>
        Check([[2, 3]], [[1, -2, 3, -0.5f, 0.7f, 1.1f]], (t, x) => t.Add(t.Mul(x[0], x[0]), t.Sigmoid(x[0])));

    [Fact]
    public void Nothing_goes_back_beyond_what_is_detached()
    {
        var (gradients, _) = Run([[2]], [[3, 5]], (t, x) => t.Mul(x[0], Tape.Detach(x[0])), [1, 1]);
        Assert.Equal([3, 5], gradients[0]);
    }

    [Fact]
    public void A_loss_that_does_not_depend_on_a_parameter_is_refused_by_its_name()
    {
        var t = new Tape(new GraphBuilder("test"));
        var (a, b) = (t.Input("a", 1), t.Input("b", 1));
        var error = Assert.Throws<ArgumentException>(() => Gradients.Of(t, t.Mul(a, a), [b]));
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
    }

    private static void Check(long[][] shapes, float[][] values, Func<Tape, Var[], Var> use)
    {
        // Weights that differ, so that no two errors cancel.
        var weights = Enumerable.Range(0, 200).Select(i => 0.3f + (0.1f * (i % 7))).ToArray();
        var (gradients, _) = Run(shapes, values, use, weights);
        for (var i = 0; i < values.Length; i++)
        {
            for (var k = 0; k < values[i].Length; k++)
            {
                var at = values[i][k];
                values[i][k] = at + Step;
                var above = Run(shapes, values, use, weights).Loss;
                values[i][k] = at - Step;
                var below = Run(shapes, values, use, weights).Loss;
                values[i][k] = at;
                Assert.Equal((above - below) / (2 * Step), gradients[i][k], 0.01 * Math.Max(1, Math.Abs(gradients[i][k])));
            }
        }
    }

    /// <returns>The gradients and the value of Σ weight · y.</returns>
    private static (float[][] Gradients, double Loss) Run(long[][] shapes, float[][] values, Func<Tape, Var[], Var> use, float[] weights)
    {
        var graph = new GraphBuilder("test");
        var t = new Tape(graph);
        Var[] x = [.. shapes.Select((s, i) => t.Input($"x{i}", s))];
        var y = use(t, x);
        var weighted = t.Mul(y, t.Constant("weights", weights.AsSpan(0, (int)y.Count), y.Shape));
        var loss = t.Sum(weighted, [.. Enumerable.Range(0, y.Shape.Length).Select(a => (long)a)]);
        string[] outputs = [t.Output(loss, "loss").Tensor.Name, .. Gradients.Of(t, loss, x).Select((g, i) => t.Output(g, $"g{i}").Tensor.Name)];
        using var session = new OnnxSession(graph.ToGraph(outputs).ToBytes(), "test", 1);
        using var run = session.Prepare([.. shapes.Select((s, i) => ($"x{i}", s))], outputs);
        for (var i = 0; i < values.Length; i++)
            values[i].CopyTo(run.InputAt(i));
        run.Execute();
        return ([.. values.Select((_, i) => run.Output(i + 1).ToArray())], run.Output(0)[0]);
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (count, side) => count * side);
}
