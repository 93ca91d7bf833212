using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// Computes anomaly maps of images: the encoder on both views, the module and eq. 3, 7 and 8 in one ONNX graph. Each stage's map is brought to the
/// image's size by bilinear interpolation, and their mean is taken: the sum of eq. 3 over the number of stages.
/// </summary>
public sealed class HlgfaScorer : IDisposable
{
    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _run;
    private readonly ViewFiller _filler;
    private readonly TimeProvider _clock;
    private readonly float[][] _maps;
    private MapFusion? _fusion;

    /// <exception cref="OnnxModelException">The runtime refuses the graph.</exception>
    internal HlgfaScorer(TwoViewEncoder encoder, TrainedModule trained, int threads, TimeProvider clock, OnnxDevice? device = null)
    {
        var (stages, options, width, height, theta, normalisation) = trained;
        _clock = clock;
        Stages = stages;
        var graph = encoder.NewGraph("hlgfa");
        var t = new Tape(graph);
        var parameters = new HlgfaParameters(stages, options).Parts.ToDictionary(p => p.Name);
        var constants = new Dictionary<string, Var>();
        var features = encoder.Add(t, stages, width, height)
            .Select((f, i) => (High: Normalised(f.High, 3 * i), Low: Normalised(f.Low, (3 * i) + 1), Detail: Normalised(f.Detail, (3 * i) + 2))).ToList();
        string[] outputs = [.. stages.Select((stage, i) =>
        {
            var module = new HlgfaModule(t, stage, options, Constant);
            var guidance = module.Guidance(features[stage.Deeper].High, stages[stage.Deeper], features[i].Detail);
            var map = Misalignment(t, features[i].High, module.Align(features[i].Low, guidance), options);
            return t.Output(options.Reliability ? t.Mul(map, Reliability(t, guidance, stage, options)) : map, $"map.{stage.Layer}").Tensor.Name;
        })];
        _session = new OnnxSession(graph.ToGraph(outputs).ToBytes(), encoder.Path, threads, device, encoder.Folder);
        _run = _session.Prepare(TwoViewEncoder.Input, [1, 3, height, width], outputs);
        _filler = new ViewFiller(width, height);
        _maps = [.. stages.Select(s => new float[s.Count])];

        Var Constant(string name)
        {
            if (!constants.TryGetValue(name, out var constant))
                constants[name] = constant = t.Constant($"module.{name}", theta.AsSpan(parameters[name].Offset, parameters[name].Count), parameters[name].Shape);
            return constant;
        }

        Var Normalised(Var x, int part)
        {
            var (means, stds) = (normalisation.Means[part], normalisation.Stds[part]);
            long[] shape = [means.Length, .. Enumerable.Repeat(1L, x.Shape.Length - 2)];
            return t.Div(t.Sub(x, t.Constant($"mean.{part}", means, shape)), t.Constant($"std.{part}", stds, shape));
        }
    }

    public IReadOnlyList<HlgfaStage> Stages { get; }

    /// <summary>The anomaly map of each stage for the last scored image, [h·w].</summary>
    public IReadOnlyList<float[]> StageMaps => _maps;

    /// <summary>The times of the stages for the last scored image.</summary>
    public StageTimes Times { get; private set; } = new(default, default, default);

    /// <param name="image">The image, [H, W, C].</param>
    /// <returns>The anomaly map A, or A′ with reliability, [H, W]; it belongs to this object and is overwritten by the next call.</returns>
    public AnomalyMap Score(Image image)
    {
        var start = _clock.GetTimestamp();
        _filler.Fill(image, _run.Input);
        _run.Execute();
        for (var i = 0; i < _maps.Length; i++)
            _run.Output(i).CopyTo(_maps[i]);
        var aligned = _clock.GetTimestamp();
        if (_fusion is null || _fusion.Result.Width != image.Width || _fusion.Result.Height != image.Height)
            _fusion = new MapFusion([.. Stages.Select(s => (s.Width, s.Height))], image.Width, image.Height);
        var map = _fusion.Fuse(_maps);
        var fused = _clock.GetTimestamp();
        StageSpans.Add(_clock, (StageSpans.Features, start, aligned), (StageSpans.Fuse, aligned, fused));
        Times = new StageTimes(_clock.GetElapsedTime(start, aligned), default, _clock.GetElapsedTime(aligned, fused));
        return map;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
        _filler.Dispose();
    }

    /// <summary>The misalignment ‖f̂ − f^h‖₂ at each place (eq. 3), [1, 1, places]; of unit vectors where no loss trained the length of f̂.</summary>
    private static Var Misalignment(Tape t, Var high, Var aligned, HlgfaOptions options)
    {
        var losses = new HlgfaLosses(t);
        return losses.Length(options.L1Weight > 0 ? t.Sub(aligned, high) : t.Sub(losses.Unit(aligned), losses.Unit(high)));
    }

    /// <summary>The reliability σ((sim − τ)/δ) (eq. 7 and 8), [1, 1, places]; the neighbourhood N(x) is 3 by 3 places around x, cut off at the border.</summary>
    private static Var Reliability(Tape t, Var guidance, HlgfaStage stage, HlgfaOptions options)
    {
        var unit = new HlgfaLosses(t).Unit(guidance);
        var mean = t.Emit(
            "AveragePool", [1, unit.Shape[1], stage.Height, stage.Width], [t.Reshape(unit, 1, unit.Shape[1], stage.Height, stage.Width)], [],
            [("kernel_shape", [3, 3], true), Tape.Pads(1), ("count_include_pad", [0], false)]);
        var similarity = t.Sum(t.Mul(unit, t.Reshape(mean, unit.Shape)), 1);
        return t.Sigmoid(t.Scale(t.Sub(similarity, t.Number((float)options.ReliabilityThreshold)), (float)(1 / options.ReliabilityWidth)));
    }
}
