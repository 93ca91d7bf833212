using System.Runtime.InteropServices;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Maker;

/// <summary>Projects one stage's maps on its axes and appends them to a file in fp16: a 1×1 convolution, which ONNX Runtime computes.</summary>
internal sealed class Projection : IDisposable
{
    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _run;
    private readonly FileStream _file;
    private readonly Half[] _target;

    /// <param name="shape">The shape of the teacher's stage, [1, D, h, w].</param>
    public Projection(TensorFile axes, string stage, long[] shape, string folder)
    {
        var mean = axes.Values<float>($"{stage}.mean", TensorType.F32);
        var rows = axes.Values<float>($"{stage}.axes", TensorType.F32);
        var kept = rows.Length / mean.Length;
        var bias = new float[kept];
        for (var k = 0; k < kept; k++)
        {
            for (var d = 0; d < mean.Length; d++)
                bias[k] -= rows[(k * mean.Length) + d] * mean[d];
        }

        var step = shape[2] > CropFile.Side / 8 ? 2 : 1;
        var graph = new GraphBuilder(stage);
        graph.Output(graph.Conv(graph.Input("map", shape.Select(s => (long?)s).ToList()), graph.Constant("axes", rows, kept, mean.Length, 1, 1), graph.Constant("bias", bias, kept), step, 0, "target"));
        var path = Path.Combine(folder, $"{stage}.projection.onnx");
        graph.Write(path);
        _session = new OnnxSession(File.ReadAllBytes(path), path, Environment.ProcessorCount);
        File.Delete(path);
        _run = _session.Prepare("map", shape, ["target"]);
        _target = new Half[kept * (shape[2] / step) * (shape[3] / step)];
        _file = new FileStream(Path.Combine(folder, $"{stage}.f16"), FileMode.OpenOrCreate, FileAccess.ReadWrite);
    }

    /// <summary>The number of complete targets in the file.</summary>
    public int Count => (int)(_file.Length / (_target.Length * sizeof(short)));

    public void CutTo(int count)
    {
        _file.SetLength((long)count * _target.Length * sizeof(short));
        _file.Seek(0, SeekOrigin.End);
    }

    public void Append(ReadOnlySpan<float> map)
    {
        map.CopyTo(_run.Input);
        _run.Execute();
        var values = _run.Output(0);
        for (var i = 0; i < _target.Length; i++)
            _target[i] = (Half)values[i];
        _file.Write(MemoryMarshal.AsBytes(_target.AsSpan()));
    }

    public void Dispose()
    {
        _file.Dispose();
        _run.Dispose();
        _session.Dispose();
    }
}
