using MrfAd.Engine.Hlgfa;
using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Tests.Hlgfa;

/// <summary>Two channels, two places: [1, 2, 2].</summary>
public sealed class HlgfaLossesTests
{
    private static readonly float[] Features = [3, 0, 4, 1]; // places (3, 4) and (0, 1)

    [Fact]
    public void Features_that_agree_cost_nothing()
    {
        Assert.Equal(0, Cosine(Features, Features), 1e-5);
        Assert.Equal(0, Value(Features, Features, (l, a, b) => l.FocalL1(a, b)), 1e-5);
        Assert.Equal(0, Value(Features, Features, (l, a, b) => l.JensenShannon(a, b)), 1e-6);
        Assert.Equal(0, Value(Features, Features, (l, a, b) => l.Gram(l.Unit(a), l.Unit(b))), 1e-6);
    }

    [Fact]
    public void The_cosine_loss_is_the_mean_of_one_minus_the_cosine_and_blind_to_length()
    {
        Assert.Equal(0, Cosine(Features, [6, 0, 8, 5]), 1e-5);
        Assert.Equal((0 + 1) / 2.0, Cosine(Features, [3, 1, 4, 0]), 1e-5);  // the second place at a right angle
        Assert.Equal((2 + 0) / 2.0, Cosine(Features, [-3, 0, -4, 1]), 1e-5); // the first one opposite
    }

    [Fact]
    public void The_focal_weight_makes_the_place_that_is_off_count_more()
    {
        // Errors 1 and 3 (means over channels), mean 2: weights 0.5 and 1.5, so (0.5·1 + 1.5·3)/2.
        Assert.Equal(2.5, Value([0, 0, 0, 0], [1, 3, 1, 3], (l, a, b) => l.FocalL1(a, b)), 1e-4);
    }

    [Fact]
    public void Two_distributions_with_nothing_in_common_are_a_bit_apart()
    {
        Assert.Equal(Math.Log(2), Value([50, 50, 0, 0], [0, 0, 50, 50], (l, a, b) => l.JensenShannon(a, b)), 1e-3);
    }

    [Fact]
    public void The_gram_loss_sees_how_channels_go_together_and_not_where()
    {
        Assert.Equal(0, Value([1, 0, 0, 1], [0, 1, 1, 0], (l, a, b) => l.Gram(a, b)), 1e-6);
        // Gram of places (1,0),(0,1): I/2. Of (1,0),(1,0): diag(1, 0). ‖diff‖² = ¼ + ¼.
        Assert.Equal(0.5, Value([1, 0, 0, 1], [1, 1, 0, 0], (l, a, b) => l.Gram(a, b)), 1e-5);
    }

    [Theory]
    [InlineData(3, 6)]
    [InlineData(7, 20)]
    [InlineData(20, 7)]
    [InlineData(5, 5)]
    public void Resampling_keeps_what_is_even(int from, int to)
    {
        var weights = Resampling.Weights(from, to);
        for (var i = 0; i < to; i++)
            Assert.Equal(1, weights.Skip(i * from).Take(from).Sum(), 1e-5);
    }

    [Fact]
    public void Doubling_a_row_is_bilinear_with_half_pixel_centres()
    {
        var weights = Resampling.Weights(2, 4);
        Assert.Equal([1, 0, 0.75f, 0.25f, 0.25f, 0.75f, 0, 1], weights);
        Assert.Equal([0.5f, 0.5f, 0, 0, 0, 0, 0.5f, 0.5f], Resampling.Weights(4, 2));
    }

    private static double Cosine(float[] a, float[] b) => Value(a, b, (l, x, y) => l.Cosine(l.Unit(x), l.Unit(y)));

    private static double Value(float[] a, float[] b, Func<HlgfaLosses, Var, Var, Var> loss)
    {
        var graph = new GraphBuilder("test");
        var t = new Tape(graph);
        var losses = new HlgfaLosses(t);
        Var x = t.Input("a", 1, 2, 2), y = t.Input("b", 1, 2, 2);
        var output = t.Output(loss(losses, x, y), "loss").Tensor.Name;
        using var session = new OnnxSession(graph.ToGraph([output]).ToBytes(), "test", 1);
        using var run = session.Prepare([("a", [1, 2, 2]), ("b", [1, 2, 2])], [output]);
        a.CopyTo(run.InputAt(0));
        b.CopyTo(run.InputAt(1));
        run.Execute();
        return run.Output(0)[0];
    }
}
