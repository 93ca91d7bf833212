using System.Runtime.InteropServices;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Maker;

/// <summary>
/// Computes the student's training targets: for each stage of the teacher, the projection on its principal axes, in flat files <c>stageN.f16</c>
/// [crops, K, h, w]. A stage finer than 8 px is kept at every second place only, since neighbours there are nearly equal.
/// </summary>
public sealed class Teacher : IDisposable
{
    // The number of crops, evenly spread over all, and of places of each, from which the axes are computed.
    private const int SampleCrops = 800;
    private const int SamplePlaces = 32;

    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _run;
    private readonly IReadOnlyList<string> _stages;
    private readonly byte[] _crop = new byte[CropFile.Bytes];

    /// <param name="path">The path of an ONNX file with outputs of these names.</param>
    public Teacher(string path, IReadOnlyList<string> stages)
    {
        var graph = OnnxGraph.Read(path);
        graph.KeepOnly(stages);
        _stages = stages;
        _session = new OnnxSession(graph.ToBytes(), path, Environment.ProcessorCount);
        _run = _session.Prepare(graph.Inputs[0], [1, 3, CropFile.Side, CropFile.Side], stages);
    }

    /// <summary>Writes <c>axes.safetensors</c> where it is missing.</summary>
    /// <param name="dimensions">The number of axes K of each stage.</param>
    public void FindAxes(CropFile crops, IReadOnlyList<int> dimensions, string folder, Action<int> progress)
    {
        var path = AxesPath(folder);
        if (File.Exists(path))
            return;
        var rows = _stages.Select(_ => new List<float>()).ToArray();
        var random = new Random(1);
        var count = Math.Min(SampleCrops, crops.Count);
        for (var i = 0; i < count; i++)
        {
            See(crops, (int)((long)i * crops.Count / count));
            for (var stage = 0; stage < rows.Length; stage++)
                Sample(stage, random, rows[stage]);
            progress(i + 1);
        }

        var tensors = new List<TensorSource>();
        var kept = new Dictionary<string, string>();
        for (var stage = 0; stage < rows.Length; stage++)
        {
            var found = PrincipalAxes.Find([.. rows[stage]], (int)_run.OutputShapes[stage][1], dimensions[stage]);
            tensors.Add(Tensor($"{_stages[stage]}.mean", found.Mean, found.Mean.Length));
            tensors.Add(Tensor($"{_stages[stage]}.axes", found.Axes, dimensions[stage], found.Mean.Length));
            kept.Add($"{_stages[stage]}.kept", FormattableString.Invariant($"{found.Kept:0.0000}"));
        }

        TensorFileWriter.Write(path, tensors, kept);
    }

    /// <summary>Appends the targets that the files lack; they may end anywhere.</summary>
    public void WriteTargets(CropFile crops, string folder, Action<int> progress)
    {
        using var axes = TensorFile.Open(AxesPath(folder));
        See(crops, 0); // determines the shapes
        var projections = _stages.Select((stage, i) => new Projection(axes, stage, _run.OutputShapes[i], folder)).ToList();
        try
        {
            var done = projections.Min(p => p.Count);
            projections.ForEach(p => p.CutTo(done));
            for (var i = done; i < crops.Count; i++)
            {
                See(crops, i);
                for (var stage = 0; stage < projections.Count; stage++)
                    projections[stage].Append(_run.Output(stage));
                progress(i + 1);
            }
        }
        finally
        {
            projections.ForEach(p => p.Dispose());
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static string AxesPath(string folder) => Path.Combine(folder, "axes.safetensors");

    private static TensorSource Tensor(string name, float[] values, params long[] shape) =>
        new(name, TensorType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));

    private void See(CropFile crops, int index)
    {
        crops.Get(index, _crop);
        var input = _run.Input;
        const int pixels = CropFile.Side * CropFile.Side;
        for (var i = 0; i < pixels; i++)
        {
            for (var c = 0; c < 3; c++)
                input[(c * pixels) + i] = ((_crop[(i * 3) + c] / 255f) - Mean[c]) / Deviation[c];
        }

        _run.Execute();
    }

    private void Sample(int stage, Random random, List<float> rows)
    {
        var map = _run.Output(stage);
        var channels = (int)_run.OutputShapes[stage][1];
        var places = map.Length / channels;
        for (var i = 0; i < SamplePlaces; i++)
        {
            var place = random.Next(places);
            for (var c = 0; c < channels; c++)
                rows.Add(map[(c * places) + place]);
        }
    }
}
