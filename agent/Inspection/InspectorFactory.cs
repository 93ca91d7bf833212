using MrfAd.Engine;
using MrfAd.Engine.Onnx;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Inspection;

/// <summary>Opens the detector that a station's options name.</summary>
public static class InspectorFactory
{
    /// <param name="engines">Folder in which TensorRT keeps its engines.</param>
    /// <exception cref="Engine.Banks.BankFormatException">The bank is damaged, or was learned with another encoder.</exception>
    /// <exception cref="Engine.Onnx.OnnxModelException">The encoder cannot be used.</exception>
    public static IInspector Open(DetectorOptions options, TimeProvider clock, string? engines = null) => MrfAdInspector.Open(
        options.Encoder ?? DefaultEncoder.Path(),
        options.Bank,
        options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        clock,
        options.Background ?? DefaultEncoder.Mask(),
        new OnnxDevice { Provider = options.Provider, EngineFolder = engines });
}
