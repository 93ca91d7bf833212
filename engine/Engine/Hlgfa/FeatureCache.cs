using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Differentiation;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The frozen encoder's features of all images, computed once and kept as fp16 in a temporary file. Noise belongs to the image and cannot be
/// added to features, so each image is encoded clean and in several noisy versions, and training draws among these.
/// </summary>
internal sealed class FeatureCache : IDisposable
{
    private readonly FileStream _file;
    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _run;
    private readonly ViewFiller _filler;
    private readonly int[] _counts;
    private readonly int _entryValues;
    private readonly Half[] _entry;
    private readonly float[] _values;

    /// <param name="folder">The folder of the temporary file.</param>
    public FeatureCache(TwoViewEncoder encoder, IReadOnlyList<HlgfaStage> stages, int width, int height, string folder, int threads)
    {
        var graph = encoder.NewGraph("features");
        var t = new Tape(graph);
        var names = new List<string>();
        foreach (var (stage, (high, low, detail)) in stages.Zip(encoder.Add(t, stages, width, height)))
        {
            foreach (var (part, name) in new[] { (high, "high"), (low, "low"), (detail, "detail") })
                names.Add(t.Output(part, $"{stage.Layer}.{name}.out").Tensor.Name);
        }

        _counts = [.. stages.SelectMany(s => new[] { s.Channels * s.Count, s.Channels * s.LowHeight * s.LowWidth, s.DetailChannels * s.Count })];
        _entryValues = _counts.Sum();
        _entry = new Half[_entryValues];
        _values = new float[_counts.Max()];
        _session = new OnnxSession(graph.ToGraph(names).ToBytes(), encoder.Path, threads, folder: encoder.Folder);
        _run = _session.Prepare(TwoViewEncoder.Input, [1, 3, height, width], names);
        _filler = new ViewFiller(width, height);
        UserFiles.CreateFolder(folder);
        var path = Path.Combine(folder, $".features.{Guid.NewGuid():N}");
        _file = UserFiles.Open(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0);
        UserFiles.Delete(path); // the open file has no name any more, so nothing stays behind if the process is killed
        Normalisation = FeatureNormalisation.None(stages);
    }

    public FeatureNormalisation Normalisation { get; set; }

    /// <summary>The number of entries written.</summary>
    public int Count { get; private set; }

    public long Bytes => (long)Count * _entryValues * sizeof(ushort);

    /// <exception cref="OnnxModelException">The encoder gives features that are not finite.</exception>
    public void Add(Image image)
    {
        _filler.Fill(image, _run.Input);
        _run.Execute();
        var at = 0;
        for (var part = 0; part < _counts.Length; part++)
        {
            TensorPrimitives.ConvertToHalf(_run.Output(part), _entry.AsSpan(at, _counts[part]));
            at += _counts[part];
        }

        foreach (var value in _entry)
        {
            if (!Half.IsFinite(value))
                throw new OnnxModelException("the encoder gives no finite features, or none that fit fp16, for this image");
        }

        RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(_entry.AsSpan()), Bytes);
        Count++;
    }

    /// <summary>Reads entry i into the inputs of a step, as its image number <paramref name="slot"/>.</summary>
    public void Read(int i, TrainingStep step, int slot) =>
        Read(i, (part, values) => values.CopyTo(step.Features(part / 3, part % 3).Slice(slot * values.Length, values.Length)));

    /// <param name="part">Called with the number of each part (3·stage + 0 for high, 1 for low, 2 for detail) and its normalised values.</param>
    public void Read(int i, FeaturePart part)
    {
        RandomAccess.Read(_file.SafeFileHandle, MemoryMarshal.AsBytes(_entry.AsSpan()), (long)i * _entryValues * sizeof(ushort));
        var at = 0;
        for (var p = 0; p < _counts.Length; p++)
        {
            var values = _values.AsSpan(0, _counts[p]);
            TensorPrimitives.ConvertToSingle(_entry.AsSpan(at, _counts[p]), values);
            Normalisation.Apply(p, values);
            part(p, values);
            at += _counts[p];
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _run.Dispose();
        _session.Dispose();
        _filler.Dispose();
    }

    internal delegate void FeaturePart(int part, ReadOnlySpan<float> values);
}
