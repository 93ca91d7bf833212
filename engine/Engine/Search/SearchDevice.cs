using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Search;

/// <summary>A device that runs the searches of all branches of one detector, and its models. Not thread-safe.</summary>
public sealed class SearchDevice : IDisposable
{
    private readonly Dictionary<TensorType, OnnxSession> _prepare = [];
    private readonly Dictionary<(FeatureLayout Layout, TensorType Type), OnnxSession> _nearest = [];
    private readonly Dictionary<(FeatureLayout Layout, TensorType Type, int Count), OnnxSession.Run> _runs = [];
    private readonly Dictionary<int, RuntimeTensor> _patches = [];
    private readonly OnnxDevice _device;

    private SearchDevice(OnnxDevice device) => _device = device;

    /// <summary>The number of bytes of rows on the device so far.</summary>
    public long Bytes { get; private set; }

    /// <param name="device">The device; TensorRT is replaced by CUDA, over which it has no advantage here.</param>
    /// <exception cref="OnnxModelException">The requested provider does not work here; the message says why.</exception>
    public static SearchDevice Open(OnnxDevice device)
    {
        var opened = new SearchDevice(device with { Provider = device.Provider == Provider.Cpu ? Provider.Cpu : Provider.Cuda, Report = null });
        try
        {
            var placement = opened.Placement;
            return placement.FellBack ? throw new OnnxModelException(string.Join("; ", placement.Refusals)) : opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The provider on which the search runs.</summary>
    public GraphPlacement Placement => Nearest(FeatureLayout.ChannelsFirst, TensorType.F32).Placement("search");

    /// <summary>Uploads rows to the device.</summary>
    /// <returns>The prepared rows, [T, D + <see cref="DeviceGraphs.ExtraCoordinates"/>].</returns>
    internal unsafe RuntimeTensor Upload(BankRows rows, int first, int count, float* mean, float unit)
    {
        var type = rows.Precision switch { RowPrecision.Fp32 => TensorType.F32, RowPrecision.Fp16 => TensorType.F16, _ => TensorType.I8 };
        if (!_prepare.TryGetValue(type, out var session))
            _prepare.Add(type, session = Load(DeviceGraphs.Prepare(type), "the bank's rows"));
        var at = (byte*)rows.Values + ((long)first * rows.Dimension * rows.Precision.Bytes());
        List<(string, TensorType, long[], nint)> inputs =
        [
            ("rows", type, [count, rows.Dimension], (nint)at),
            ("mean", TensorType.F32, [1, rows.Dimension], (nint)mean),
            ("unit", TensorType.F32, [1], (nint)(&unit)),
        ];
        if (type == TensorType.I8)
            inputs.Add(("scales", TensorType.F32, [count, 1], (nint)(rows.Scales + first)));
        var prepared = session.Compute(inputs, "prepared");
        Bytes += 2L * count * (rows.Dimension + DeviceGraphs.ExtraCoordinates);
        return prepared;
    }

    /// <returns>A run that searches for this number of patches at once; all its inputs must be bound.</returns>
    internal OnnxSession.Run RunFor(FeatureLayout layout, TensorType type, int count)
    {
        if (!_runs.TryGetValue((layout, type, count), out var run))
            _runs.Add((layout, type, count), run = Nearest(layout, type).Prepare([], ["distance", "index"]));
        return run;
    }

    /// <returns>A tensor for the indices of this number of patches.</returns>
    internal RuntimeTensor PatchesFor(int count)
    {
        if (!_patches.TryGetValue(count, out var patches))
            _patches.Add(count, patches = RuntimeTensor.Here(TensorType.I64, count));
        return patches;
    }

    public void Dispose()
    {
        foreach (var run in _runs.Values)
            run.Dispose();
        foreach (var tensor in _patches.Values)
            tensor.Dispose();
        foreach (var session in _prepare.Values.Concat(_nearest.Values))
            session.Dispose();
    }

    private OnnxSession Nearest(FeatureLayout layout, TensorType type)
    {
        if (!_nearest.TryGetValue((layout, type), out var session))
            _nearest.Add((layout, type), session = Load(DeviceGraphs.Nearest(layout, type, addsInFp32: _device.Provider != Provider.Cpu), "the search"));
        return session;
    }

    private OnnxSession Load(byte[] model, string name) => new(model, name, Environment.ProcessorCount, _device);
}
