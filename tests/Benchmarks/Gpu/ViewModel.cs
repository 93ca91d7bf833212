using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>An encoder's graph for the size of one view, loaded on one provider, with the view's pixels as its input.</summary>
internal sealed class ViewModel : IDisposable
{
    private readonly OnnxSession _session;
    private readonly OnnxSession.Run _read;
    private readonly OnnxSession.Run _left;
    private readonly int _outputs;

    /// <param name="encoder">Path of the encoder's descriptor.</param>
    public ViewModel(string encoder, View view, Image pixels, int threads, OnnxDevice device)
    {
        var (descriptor, files) = Encoder.Locate(encoder);
        var file = files.TryGetValue((view.Width, view.Height), out var own) ? own : files[default];
        var graph = OnnxGraph.Read(file);
        var input = descriptor!.Input.Length > 0 ? descriptor.Input : graph.Inputs[0];
        string[] tensors = [.. (descriptor.DefaultLayers.Count > 0 ? descriptor.DefaultLayers : [.. descriptor.Layers.Keys])
            .Select(l => descriptor.Layers[l]).Select(t => t.Length > 0 ? t : graph.Outputs[0])];
        graph.KeepOnly(tensors);
        if (descriptor.IgnoreDeclaredSize)
            graph.FreeImageSize(input);
        _session = new OnnxSession(graph.ToBytes(), Path.GetFileName(file), threads, device, Path.GetDirectoryName(Path.GetFullPath(file)));
        long[] shape = [1, 3, view.Height, view.Width];
        _outputs = tensors.Length;
        _read = _session.Prepare(input, shape, tensors);
        _left = _session.Prepare(input, shape, tensors, [.. tensors.Select(_ => true)]);
        Fill(_read.Input, pixels, descriptor);
        _read.Input.CopyTo(_left.Input);
        _read.Execute();
        _left.Execute();
    }

    public GraphPlacement Placement => _session.Placement("");

    /// <summary>Runs the graph and leaves the features on the device.</summary>
    public void RunLeft() => _left.Execute();

    /// <summary>Runs the graph and reads the features back.</summary>
    public void RunRead() => _read.Execute();

    /// <returns>A copy of the features of all layers after the last <see cref="RunRead"/>.</returns>
    public float[][] Features() => [.. Enumerable.Range(0, _outputs).Select(i => _read.Output(i).ToArray())];

    public void Dispose()
    {
        _read.Dispose();
        _left.Dispose();
        _session.Dispose();
    }

    private static void Fill(Span<float> planes, Image pixels, EncoderDescriptor descriptor)
    {
        var samples = pixels.Bytes;
        var count = pixels.Width * pixels.Height;
        for (var c = 0; c < 3; c++)
        {
            for (var i = 0; i < count; i++)
                planes[(c * count) + i] = ((samples[(i * pixels.Channels) + (pixels.Channels == 3 ? c : 0)] / 255f) - descriptor.Mean[c]) / descriptor.Std[c];
        }
    }
}
