using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>
/// A model loaded into ONNX Runtime, on the first provider that accepts it. The only class that uses the runtime's sessions.
/// </summary>
public sealed partial class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly RunOptions _runOptions;
    private readonly List<string> _refusals = [];
    private readonly Provider _wanted;
    private readonly Provider _running;
    private IReadOnlyDictionary<Provider, int> _nodes = new Dictionary<Provider, int>();
    private EngineCache? _cache;
    private int _profiling;

    /// <summary>The version of ONNX Runtime's native library.</summary>
    /// <exception cref="NativeLibraryException">The library is missing or too old.</exception>
    public static string RuntimeVersion => OnnxRuntimeLibrary.Require().Version;

    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="name">The name of the model in error messages.</param>
    /// <param name="threads">Threads of one run.</param>
    /// <param name="device">The device to run on; null means the CPU.</param>
    /// <param name="folder">The folder of the files that hold the model's external weights.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model on every provider.</exception>
    /// <exception cref="NativeLibraryException">No usable runtime is installed.</exception>
    public OnnxSession(byte[] model, string name, int threads, OnnxDevice? device = null, string? folder = null)
    {
        device ??= OnnxDevice.Cpu;
        _name = name;
        _wanted = device.Provider;
        OnnxRuntimeLibrary.Require();
        _runOptions = new RunOptions();
        foreach (var provider in Tried())
        {
            try
            {
                _cache = null;
                _session = Open(model, name, threads, provider, device, folder);
                _running = provider;
                _cache?.Finish();
                return;
            }
            catch (Exception e) when (provider != Provider.Cpu && e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException or IOException)
            {
                Refuse(provider, e is EntryPointNotFoundException ? "this ONNX Runtime is built without it" : e.Message.Split('\n')[0]);
            }
            catch (OnnxRuntimeException e)
            {
                throw new OnnxModelException($"{name}: ONNX Runtime refuses the model: {e.Message}", e);
            }
        }

        throw new InvalidOperationException("no provider was tried");

        // With auto, a missing device is not reported; a provider that is requested by name reports all that it lacks.
        IEnumerable<Provider> Tried()
        {
            if (_wanted == Provider.Auto && NvidiaDevice.Absence is { } absence)
            {
                _refusals.Add(absence);
                yield return Provider.Cpu;
                yield break;
            }

            foreach (var provider in _wanted.ToTry())
            {
                if (provider == Provider.Cpu || ProviderSupport.Of(provider).Refusal is not { } refusal)
                    yield return provider;
                else
                    Refuse(provider, refusal);
            }
        }

        // The next provider may accept the graph; where this one was requested, the reason is reported.
        void Refuse(Provider provider, string reason)
        {
            _refusals.Add($"{provider.ToText()}: {reason}");
            if (_wanted != Provider.Auto)
                device.Report?.Invoke($"{name}: {_refusals[^1]}; trying the next provider");
        }
    }

    /// <param name="graph">The name of the graph in the result.</param>
    public GraphPlacement Placement(string graph) => new(graph, _wanted, _running, _refusals, _nodes);

    /// <summary>Prepares repeated runs of the model on one input shape, which allocate nothing after the first run.</summary>
    /// <param name="keepOnDevice">For each output, true to keep it in the provider's memory (<see cref="Run.Tensor"/>); null keeps none there, so that all can be read.</param>
    public Run Prepare(string input, long[] shape, IReadOnlyList<string> outputs, IReadOnlyList<bool>? keepOnDevice = null) => new(this, [(input, shape)], outputs, keepOnDevice);

    /// <inheritdoc cref="Prepare(string, long[], IReadOnlyList{string}, IReadOnlyList{bool})"/>
    /// <param name="inputs">The inputs that get a buffer; all others must be bound (<see cref="Run.Bind"/>).</param>
    public Run Prepare(IReadOnlyList<(string Name, long[] Shape)> inputs, IReadOnlyList<string> outputs) => new(this, inputs, outputs, null);

    /// <summary>Runs the model once and keeps an output in the provider's memory.</summary>
    /// <param name="inputs">The values of each input, row-major; they are not used after the call.</param>
    /// <returns>The output, which models on the same provider can take as an input (<see cref="Run.Bind"/>); it must be disposed before this session.</returns>
    /// <exception cref="OnnxModelException">The model cannot run on these inputs, or the device's memory is full.</exception>
    public RuntimeTensor Compute(IReadOnlyList<(string Name, TensorType Type, long[] Shape, nint Values)> inputs, string output)
    {
        var values = new List<OrtValue>();
        try
        {
            using var binding = _session.CreateIoBinding();
            foreach (var (name, type, shape, address) in inputs)
            {
                var element = type switch { TensorType.F32 => TensorElementType.Float, TensorType.F16 => TensorElementType.Float16, _ => TensorElementType.Int8 };
                values.Add(OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, element, shape, address, shape.Aggregate(1L, (a, b) => a * b) * type.SizeInBytes()));
                binding.BindInput(name, values[^1]);
            }

            LeaveOnDevice(binding, output);
            return new RuntimeTensor(_session.RunWithBoundResults(_runOptions, binding)[0], ComputesHere);
        }
        catch (OnnxRuntimeException e)
        {
            throw Failed(e);
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    public void Dispose()
    {
        ReadProfile();
        _runOptions.Dispose();
        _session.Dispose();
    }

    private InferenceSession Open(byte[] model, string name, int threads, Provider provider, OnnxDevice device, string? folder)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // Threads must not spin between two runs, because the search that follows needs the same cores.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (folder is not null)
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        if (provider == Provider.Tensorrt)
            AppendTensorRt(options, model, name, device);
        if (provider is Provider.Tensorrt or Provider.Cuda)
            AppendCuda(options);
        var profile = provider != Provider.Cpu || _wanted is Provider.Cuda or Provider.Tensorrt;
        if (profile)
        {
            // The first run is profiled: only the profile says on which provider each node actually runs.
            options.ProfileOutputPathPrefix = Path.Combine(Path.GetTempPath(), $"mrfad-{Guid.NewGuid():N}");
            options.EnableProfiling = true;
        }

        var session = new InferenceSession(model, options);
        _profiling = profile ? 1 : 0;
        return session;
    }

    private bool ComputesHere => _running == Provider.Cpu;

    private void LeaveOnDevice(OrtIoBinding binding, string output)
    {
        using var memory = ComputesHere ? null : new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        binding.BindOutputToDevice(output, memory ?? OrtMemoryInfo.DefaultInstance);
    }

    private OnnxModelException Failed(OnnxRuntimeException e) => new($"{_name}: cannot run on this input: {e.Message}", e);

    private static void AppendCuda(SessionOptions options)
    {
        using var cuda = new OrtCUDAProviderOptions();
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private void AppendTensorRt(SessionOptions options, byte[] model, string name, OnnxDevice device)
    {
        using var tensorRt = new OrtTensorRTProviderOptions();
        var settings = new Dictionary<string, string>();
        if (device.EngineFolder is { } root)
        {
            var nvidia = NvidiaDevice.Read();
            _cache = EngineCache.Open(root, new EngineIdentity(
                Convert.ToHexStringLower(SHA256.HashData(model)), name, "as its weights", nvidia.TensorRt, RuntimeVersion, nvidia.Driver, nvidia.Gpu));
            if (_cache.Ignored is { } why)
                device.Report?.Invoke(why);
            settings["trt_engine_cache_enable"] = settings["trt_timing_cache_enable"] = "1";
            settings["trt_engine_cache_path"] = settings["trt_timing_cache_path"] = _cache.Folder;
        }

        tensorRt.UpdateOptions(settings);
        options.AppendExecutionProvider_Tensorrt(tensorRt);
        device.Report?.Invoke(_cache is { Ready: true } ? $"TensorRT loads the engine of {name}" : $"TensorRT builds an engine of {name}; this takes minutes{(_cache is null ? "" : ", once")}");
    }

    /// <summary>Ends and reads the profile of the first run, where there is one.</summary>
    private void ReadProfile()
    {
        // Another user of a shared session may execute its first run at the same time.
        if (Interlocked.Exchange(ref _profiling, 0) == 0)
            return;
        var path = _session.EndProfiling();
        _nodes = RunProfile.NodesOf(path);
        UserFiles.Delete(path);
    }
}
