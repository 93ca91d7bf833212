using System.Diagnostics;
using MrfAd.Cli.Commands;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>
/// Tests a GPU in one run: which providers work, whether they compute the same as the CPU, and how long they take. Without an NVIDIA device the
/// CPU takes its place, with one thread, so that all of the benchmark runs.
/// </summary>
/// <param name="log">Receives a line for each step.</param>
public sealed class GpuBenchmark(GpuData data, GpuOptions options, TextWriter log)
{
    private readonly int _threads = Environment.ProcessorCount;
    private readonly MrfAdOptions _scales = new() { Scales = options.Scales };

    private readonly List<ProviderResult> _providers = [];
    private readonly List<ViewResult> _views = [];
    private readonly List<FrameResult> _frames = [];
    private readonly List<string> _errors = [];
    private DeviceSearchResult? _search;

    /// <param name="output">Folder for the results, which are written after each part, and for the engines that TensorRT builds.</param>
    public GpuReport Run(string output)
    {
        Directory.CreateDirectory(output);
        using var work = new TemporaryFolder();
        foreach (var provider in new[] { Provider.Tensorrt, Provider.Cuda })
            Do(output, provider.ToText(), () => _providers.Add(Test(provider)));
        List<OnnxDevice> devices = [.. new[] { Provider.Tensorrt, Provider.Cuda }
            .Where(p => _providers.Exists(r => r.Works && r.Provider == p.ToText()))
            .Select(p => new OnnxDevice { Provider = p, EngineFolder = Path.Combine(output, "engines"), Report = log.WriteLine })];
        if (devices.Count == 0)
            devices.Add(OnnxDevice.Cpu);
        _providers.Add(new ProviderResult(Provider.Cpu.ToText(), true, null, null));

        // CUDA first: TensorRT builds engines for minutes, and the time on a device may be short.
        devices.Reverse();
        foreach (var device in devices)
        {
            foreach (var encoder in data.Encoders)
                Do(output, $"{encoder} on {device.Provider.ToText()}", () => Views(encoder, encoder, device, Parity.Fp32Tolerance));
            Do(output, $"frames on {device.Provider.ToText()}", () => data.Encoders.ToList().ForEach(e => Frames(e, device)));
            if (device == devices[0])
                Do(output, "search", () => _search = SearchAlone(device.Provider));
            if (options.TransformerBlocks > 0)
                Do(output, $"DINOv2 on {device.Provider.ToText()}", () => Transformer(work.Path, device));
        }

        return Report();
    }

    private GpuReport Report()
    {
        var nvidia = NvidiaDevice.Read();
        return new GpuReport(
            $"GPU {nvidia.Gpu}{(NvidiaDevice.Absence is { } absence ? $" ({absence}: the CPU stands in)" : "")}, driver {nvidia.Driver}, TensorRT {nvidia.TensorRt}, ONNX Runtime {OnnxSession.RuntimeVersion}, {_threads} cores",
            $"{data.Source}, {data.Height}x{data.Width}",
            _providers, _views, _frames, _search, _errors);
    }

    /// <summary>Runs one part, then writes all results so far. An error in one part does not stop the others.</summary>
    private void Do(string output, string what, Action part)
    {
        try
        {
            log.WriteLine(what);
            part();
        }
        catch (Exception e)
        {
            _errors.Add($"{what}: {e.GetType().Name}: {e.Message}");
            log.WriteLine(e);
        }

        Report().Write(output);
    }

    private static ProviderResult Test(Provider provider)
    {
        var support = ProviderSupport.Of(provider);
        var detail = RuntimeCheck.Detail(support);
        if (support.Refusal is not null)
            return new ProviderResult(provider.ToText(), false, detail, NvidiaDevice.Absence is null && provider == Provider.Cuda ? "there is a device, and it cannot be used" : null);
        var graph = new GraphBuilder("probe");
        graph.Output(graph.Relu(graph.Input("x", 1, 8), "y"));
        using var session = new OnnxSession(graph.ToGraph(["y"]).ToBytes(), "probe", 1, new OnnxDevice { Provider = provider });
        using var run = session.Prepare("x", [1, 8], ["y"]);
        run.Execute();
        var placement = session.Placement("probe");
        return placement.FellBack
            ? new ProviderResult(provider.ToText(), false, $"{string.Join("; ", placement.Refusals)}; {detail}", "nothing is missing, and it does not run")
            : new ProviderResult(provider.ToText(), true, detail, null);
    }

    /// <summary>Measures DINOv2: fused attention if the provider has it, plain products for TensorRT; compared with fp32 on the CPU.</summary>
    private void Transformer(string work, OnnxDevice device)
    {
        var fused = device.Provider != Provider.Tensorrt;
        var reference = Form(GraphPrecision.Fp32, fused: true);
        Views(reference, Form(GraphPrecision.Fp32, fused), device, Parity.Fp32Tolerance);
        if (device.Provider != Provider.Cpu)
            Views(reference, Form(GraphPrecision.Fp16, fused), device, Parity.Fp16Tolerance);

        string Form(GraphPrecision precision, bool fused)
        {
            var folder = Directory.CreateDirectory(Path.Combine(work, $"{precision}-{(fused ? "fused" : "plain")}")).FullName;
            if (Directory.GetFiles(folder, "dinov2*.json") is [var there, ..])
                return there;
            log.WriteLine($"building a ViT-S with random weights, {options.TransformerBlocks} blocks, {precision}");
            return data.BuildTransformer(folder, _scales, new NetworkOptions { Precision = precision, FusedAttention = fused }, options.TransformerBlocks);
        }
    }

    /// <param name="reference">The encoder to run on the CPU.</param>
    /// <param name="form">The form of the encoder to run on the device.</param>
    private void Views(string reference, string form, OnnxDevice device, double tolerance)
    {
        foreach (var view in data.Views(_scales, EncoderDescriptor.Read(reference).SizeMultiple))
        {
            using var pixels = data.Read(view);
            float[][] wanted;
            using (var cpu = new ViewModel(reference, view, pixels, _threads, OnnxDevice.Cpu))
            {
                wanted = cpu.Features();
                // The CPU's own line is printed once for each graph; if the CPU is the device, its line exists already.
                if (device.Provider != Provider.Cpu && !_views.Exists(v => v.Provider == "cpu" && v.Encoder == EncoderDescriptor.Read(reference).Id && v.Scale == view.Scale))
                    _views.Add(Measured(reference, view, cpu, "cpu", 0, wanted, tolerance, Math.Min(3, options.Repetitions)));
            }

            log.WriteLine($"  {view.Height}x{view.Width}");
            var start = Stopwatch.GetTimestamp();
            using var model = new ViewModel(form, view, pixels, device.Provider == Provider.Cpu ? 1 : _threads, device);
            _views.Add(Measured(form, view, model, model.Placement.Running.ToText(), Stopwatch.GetElapsedTime(start).TotalMilliseconds, wanted, tolerance, options.Repetitions));
            if (model.Placement.FellBack)
                throw new OnnxModelException($"{view.Height}x{view.Width}: {string.Join("; ", model.Placement.Refusals)}");
        }
    }

    private static ViewResult Measured(string encoder, View view, ViewModel model, string provider, double load, float[][] wanted, double tolerance, int repetitions)
    {
        var read = Time(model.RunRead, repetitions);
        var parities = model.Features().Select((got, l) => Parity.Of(wanted[l], got)).ToList();
        var worst = new Parity(parities.Max(p => p.RelativeL2), parities.Max(p => p.RelativeMax));
        return new ViewResult(
            EncoderDescriptor.Read(encoder).Id, view.Scale, $"{view.Height}x{view.Width}", provider, load, Time(model.RunLeft, repetitions), read, model.Placement.NodesElsewhere, worst, tolerance);
    }

    private void Frames(string encoder, OnnxDevice device)
    {
        var views = data.Views(_scales, EncoderDescriptor.Read(encoder).SizeMultiple).Select(v => (View: v, Pixels: data.Read(v))).ToList();
        try
        {
            var id = EncoderDescriptor.Read(encoder).Id;
            log.WriteLine($"  {id}");
            using var frames = new FrameRun(encoder, views, (data.Width, data.Height), options.Rows, _threads);
            var cpu = frames.Measure(OnnxDevice.Cpu, Math.Min(3, options.Repetitions));
            if (!_frames.Exists(f => f.Encoder == id && f.Provider == "cpu"))
                Add(OnnxDevice.Cpu, cpu);
            if (device.Provider != Provider.Cpu)
                Add(device, frames.Measure(device, options.Repetitions));

            void Add(OnnxDevice on, (double Features, double Search, double Fuse, string SearchedOn, float[] Map) t) =>
                _frames.Add(new(id, on.Provider.ToText(), frames.Banks, frames.Rows, t.SearchedOn, t.Features, t.Search, t.Fuse, Parity.Of(cpu.Map, t.Map), Parity.Fp16Tolerance));
        }
        finally
        {
            views.ForEach(v => v.Pixels.Dispose());
        }
    }

    private DeviceSearchResult SearchAlone(Provider provider)
    {
        var rows = options.SearchRows ?? (provider == Provider.Cpu ? 8192 : 1_000_000);
        log.WriteLine($"search among {rows} rows on {provider.ToText()}");
        return DeviceSearchTime.Run(rows, 768, options.SearchQueries ?? (provider == Provider.Cpu ? 512 : 4096), provider, log);
    }

    private static double Time(Action run, int repetitions)
    {
        run();
        run();
        return FrameRun.Median(Enumerable.Range(0, repetitions).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }));
    }
}
