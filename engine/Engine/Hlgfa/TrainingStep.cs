using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// One training step as one ONNX graph: forward, losses (eq. 10), gradients, Adam. A batch larger than memory is accumulated over several
/// runs; Adam steps in the last of them.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    // Adam's default constants (Kingma and Ba 2015); the paper names none.
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private static readonly string[] State = ["theta", "first", "second", "gradient"];

    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _run;
    private readonly string[] _outputs;
    private readonly int _controls;

    /// <param name="images">The number of images of one run.</param>
    /// <param name="learns">True to compute gradients and update the parameters; false to compute only the losses, for held-out images.</param>
    public TrainingStep(IReadOnlyList<HlgfaStage> stages, HlgfaOptions options, HlgfaParameters parameters, int images, bool learns, int threads)
    {
        var graph = new GraphBuilder("training");
        var t = new Tape(graph);
        var theta = t.Input("theta", parameters.Count);
        var leaves = parameters.Parts.ToDictionary(p => p.Name, p => t.Reshape(t.Slice(theta, 0, p.Offset, p.Offset + p.Count), p.Shape));
        var inputs = new List<(string Name, long[] Shape)> { ("theta", [parameters.Count]) };
        var features = stages.Select(s => new StageInputs(
            Feature($"{s.Layer}.high", images, s.Channels, s.Count), Feature($"{s.Layer}.low", images, s.Channels, s.LowHeight, s.LowWidth), Feature($"{s.Layer}.detail", images, s.DetailChannels, s.Count))).ToList();
        Terms = [.. TermNames(options)];
        var terms = Losses(t, stages, options, features, leaves);
        var loss = terms.Aggregate(t.Add);
        var outputs = new List<string> { t.Output(t.Reshape(loss, 1), "loss").Tensor.Name };
        outputs.AddRange(terms.Zip(Terms, (term, name) => t.Output(t.Reshape(term, 1), $"loss.{name}").Tensor.Name));
        _controls = inputs.Count;
        if (learns)
        {
            var gradients = Gradients.Of(t, loss, [.. parameters.Parts.Select(p => leaves[p.Name])]);
            outputs.AddRange(Adam(t, theta, t.Concat(0, [.. gradients.Select(g => t.Reshape(g, g.Count))])));
            inputs.AddRange([("first", theta.Shape), ("second", theta.Shape), ("gradient", theta.Shape), ("share", [1]), ("last", [1]), ("rate", [1]), ("unbias1", [1]), ("unbias2", [1])]);
        }

        _outputs = [.. outputs];
        _session = new OnnxSession(graph.ToGraph(_outputs).ToBytes(), "the training step", threads);
        _run = _session.Prepare(inputs, _outputs);

        Var Feature(string name, params long[] shape)
        {
            inputs.Add((name, shape));
            return t.Input(name, shape);
        }
    }

    /// <summary>Names of the terms of <see cref="Losses"/>, each weighted and summed over stages.</summary>
    public IReadOnlyList<string> Terms { get; }

    public Span<float> Theta => _run.InputAt(0);

    /// <summary>The first moment of Adam: the running mean of the gradient.</summary>
    public Span<float> First => _run.InputAt(_controls);

    public Span<float> Second => _run.InputAt(_controls + 1);

    /// <summary>Sets the parameters and Adam's moments, and begins an empty batch.</summary>
    public void Begin(ReadOnlySpan<float> theta, ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        theta.CopyTo(Theta);
        first.CopyTo(First);
        second.CopyTo(Second);
        _run.InputAt(_controls + 2).Clear();
    }

    /// <summary>Returns the input buffer of one of the features of a stage; the part is 0 for high, 1 for low, 2 for detail.</summary>
    public Span<float> Features(int stage, int part) => _run.InputAt(1 + (3 * stage) + part);

    /// <returns>The loss on the features that were filled in.</returns>
    public float Loss()
    {
        _run.Execute();
        return _run.Output(0)[0];
    }

    /// <summary>The terms of the last loss.</summary>
    public IEnumerable<float> TermValues => Terms.Select((_, i) => _run.Output(1 + i)[0]);

    /// <summary>Adds the gradient of these features to that of the batch, and updates the parameters if they are the batch's last.</summary>
    /// <param name="share">The share of these images in the batch, 0 to 1.</param>
    /// <param name="update">The number of the update, 1 for the first.</param>
    /// <returns>The loss before the update.</returns>
    public float Learn(float share, bool last, double rate, int update)
    {
        float[] controls = [share, last ? 1 : 0, (float)rate, (float)(1 - Math.Pow(Beta1, update)), (float)(1 - Math.Pow(Beta2, update))];
        for (var i = 0; i < controls.Length; i++)
            _run.InputAt(_controls + 3 + i)[0] = controls[i];
        var loss = Loss();
        var first = 1 + Terms.Count;
        for (var i = 0; i < State.Length; i++)
            _run.Output(first + i).CopyTo(_run.InputAt(i == 0 ? 0 : _controls + i - 1));
        return loss;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static IEnumerable<string> TermNames(HlgfaOptions options)
    {
        yield return "cosine";
        if (options.L1Weight > 0)
            yield return "l1";
        if (options.JsWeight > 0)
            yield return "js";
        if (options.GramWeight > 0)
            yield return "gram";
    }

    private static List<Var> Losses(Tape t, IReadOnlyList<HlgfaStage> stages, HlgfaOptions options, List<StageInputs> features, Dictionary<string, Var> leaves)
    {
        var losses = new HlgfaLosses(t);
        var terms = new Dictionary<string, Var>();
        for (var i = 0; i < stages.Count; i++)
        {
            var (stage, (high, low, detail)) = (stages[i], features[i]);
            var module = new HlgfaModule(t, stage, options, name => leaves[name]);
            var aligned = module.Align(low, module.Guidance(features[stage.Deeper].High, stages[stage.Deeper], detail));
            var (targetUnit, unit) = (losses.Unit(high), losses.Unit(aligned));
            Add("cosine", 1, () => losses.Cosine(targetUnit, unit));
            Add("l1", options.L1Weight, () => losses.FocalL1(high, aligned));
            Add("js", options.JsWeight, () => losses.JensenShannon(high, aligned));
            Add("gram", options.GramWeight, () => losses.Gram(targetUnit, unit));
        }

        return [.. TermNames(options).Select(name => terms[name])];

        void Add(string name, double weight, Func<Var> term)
        {
            if (weight == 0)
                return;
            var weighted = t.Scale(term(), (float)weight);
            terms[name] = terms.TryGetValue(name, out var so) ? t.Add(so, weighted) : weighted;
        }
    }

    /// <returns>Names of the new θ, means and gradient. Where the batch is not at its end, only the gradient is new.</returns>
    private static IEnumerable<string> Adam(Tape t, Var theta, Var gradient)
    {
        var (first, second, before) = (t.Input("first", theta.Shape), t.Input("second", theta.Shape), t.Input("gradient", theta.Shape));
        var (share, last, rate) = (t.Input("share", 1), t.Input("last", 1), t.Input("rate", 1));
        var (unbias1, unbias2) = (t.Input("unbias1", 1), t.Input("unbias2", 1));
        var whole = t.Add(before, t.Mul(gradient, share));
        var firstNow = t.Add(first, t.Scale(t.Sub(whole, first), 1 - Beta1));
        var secondNow = t.Add(second, t.Scale(t.Sub(t.Mul(whole, whole), second), 1 - Beta2));
        var step = t.Div(t.Mul(rate, t.Div(firstNow, unbias1)), t.Add(t.Sqrt(t.Div(secondNow, unbias2)), t.Number(Epsilon)));
        return
        [
            Named(t.Sub(theta, t.Mul(last, step)), "theta.next"),
            Named(t.Add(first, t.Mul(last, t.Sub(firstNow, first))), "first.next"),
            Named(t.Add(second, t.Mul(last, t.Sub(secondNow, second))), "second.next"),
            Named(t.Mul(whole, t.Sub(t.Number(1), last)), "gradient.next"),
        ];

        string Named(Var value, string name) => t.Output(value, name).Tensor.Name;
    }

    private sealed record StageInputs(Var High, Var Low, Var Detail);
}
