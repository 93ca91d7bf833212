using MrfAd.Onnx.Differentiation;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The learned module of sections 3.1 and 3.2, for one stage. Features are [B, C, places]; they have mean 0 and deviation 1 in each channel
/// over good parts.
/// </summary>
/// <param name="parameter">Returns a parameter by its name: an input of the graph while training, a constant afterwards.</param>
internal sealed class HlgfaModule(Tape t, HlgfaStage stage, HlgfaOptions options, Func<string, Var> parameter)
{
    /// <summary>Lists the parameters of a stage: name, shape, and the number of values that contribute to one output (fan-in).</summary>
    public static IEnumerable<(string Name, long[] Shape, int FanIn)> Parameters(HlgfaStage stage, int deepChannels, HlgfaOptions options)
    {
        var (c, g, w) = (stage.Channels, options.GuidanceChannels, options.HiddenChannels);
        yield return ("structure.weight", [g, deepChannels], deepChannels);
        yield return ("structure.bias", [g, 1], deepChannels);
        foreach (var side in options.StructureKernels)
            yield return ($"structure.{side}", [g, 1, side, side], side * side);
        yield return ("detail.weight", [g, stage.DetailChannels], stage.DetailChannels);
        yield return ("detail.bias", [g, 1], stage.DetailChannels);
        yield return ("film.scale", [c, g], 0); // fan-in 0 initialises to 0, so that FiLM begins as the identity
        yield return ("film.shift", [c, g], 0);
        yield return ("hidden.features", [w, c], c + g);
        yield return ("hidden.guidance", [w, g], c + g);
        yield return ("hidden.bias", [w, 1], c + g);
        yield return ("residual.weight", [c, w], w);
        yield return ("residual.bias", [c, 1], w);
        yield return ("gate.weight", [1, w], w);
        yield return ("gate.bias", [1, 1], w);
    }

    /// <summary>Returns the guidance g_s = s_s + d_s (eq. 4), [B, G, places].</summary>
    /// <param name="deep">The features f^h of the deeper stage, [B, C', places'].</param>
    /// <param name="detail">The features f^h of the shallower layer, resampled to this stage's grid, [B, C″, places].</param>
    public Var Guidance(Var deep, HlgfaStage deeper, Var detail)
    {
        var batch = deep.Shape[0];
        var layout = t.Add(t.MatMul(P("structure.weight"), deep), P("structure.bias"));
        layout = Resampling.To(t, t.Reshape(layout, batch, options.GuidanceChannels, deeper.Height, deeper.Width), stage.Height, stage.Width, $"{stage.Layer}.structure");
        var structure = options.StructureKernels.Select(side => t.Depthwise(layout, P($"structure.{side}"))).Aggregate(t.Add);
        return t.Add(
            t.Reshape(structure, batch, options.GuidanceChannels, stage.Count),
            t.Add(t.MatMul(P("detail.weight"), detail), P("detail.bias")));
    }

    /// <summary>Returns the aligned features f̂ of eq. 1, 5 and 6, [B, C, places].</summary>
    /// <param name="low">The low view's features f^l, [B, C, h, w].</param>
    public Var Align(Var low, Var guidance)
    {
        var raised = t.Reshape(Resampling.To(t, low, stage.Height, stage.Width, $"{stage.Layer}.low"), low.Shape[0], stage.Channels, stage.Count);
        var modulated = t.Add(                                                                    // FiLM, eq. 5
            t.Mul(raised, t.Add(t.Number(1), t.MatMul(P("film.scale"), guidance))), t.MatMul(P("film.shift"), guidance));
        var hidden = t.Relu(t.Add(
            t.Add(t.MatMul(P("hidden.features"), modulated), t.MatMul(P("hidden.guidance"), guidance)), P("hidden.bias")));
        var where = t.Sigmoid(t.Add(t.MatMul(P("gate.weight"), hidden), P("gate.bias")));
        var how = t.Add(t.MatMul(P("residual.weight"), hidden), P("residual.bias"));
        return t.Add(raised, t.Mul(where, how));                                                  // eq. 6
    }

    private Var P(string name) => parameter($"{stage.Layer}.{name}");
}
