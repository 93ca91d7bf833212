using MrfAd.Engine;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Inspection;

/// <summary>Opens the detector that a station's options name.</summary>
public static class InspectorFactory
{
    /// <inheritdoc cref="OpenModel"/>
    public static IInspector Open(DetectorOptions options, TimeProvider clock) => OpenModel(
        options.Encoder ?? DefaultEncoder.Path(),
        options.Bank,
        options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        clock);

    /// <param name="model">A bank, or an HLGFA model; the file says which.</param>
    /// <exception cref="Engine.Banks.BankFormatException">The model is damaged, or was learned with another encoder.</exception>
    /// <exception cref="Engine.Onnx.OnnxModelException">The encoder cannot be used.</exception>
    public static IInspector OpenModel(string encoder, string model, int threads, TimeProvider clock) =>
        HlgfaFile.Is(model) ? HlgfaInspector.Open(encoder, model, threads, clock) : MrfAdInspector.Open(encoder, model, threads, clock);
}
