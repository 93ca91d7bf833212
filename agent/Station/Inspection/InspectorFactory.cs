using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Options;

namespace MrfAd.Station.Inspection;

/// <summary>Opens the inspector that a station's options name.</summary>
public static class InspectorFactory
{
    /// <param name="engines">The folder in which TensorRT keeps its engines.</param>
    /// <param name="shared">The shared sessions: inspectors that are opened with the same object load a common encoder once.</param>
    /// <exception cref="BankFormatException">The file is not what the options ask for.</exception>
    /// <inheritdoc cref="OpenModel"/>
    public static IInspector Open(DetectorOptions options, TimeProvider clock, string? engines = null, SharedSessions? shared = null)
    {
        if (options.Method is { } method && method != MethodOf(options.Bank))
            throw new BankFormatException($"{options.Bank} is {(method == DetectorMethod.Hlgfa ? "no HLGFA model" : "an HLGFA model")}, and detector.method asks for {(method == DetectorMethod.Hlgfa ? "one" : "a bank")}");
        return OpenModel(
            options.Encoder ?? DefaultEncoder.Path(),
            options.Bank,
            options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
            clock,
            options.Background ?? DefaultEncoder.Mask(),
            new OnnxDevice { Provider = options.Provider, EngineFolder = engines, SearchMemory = options.SearchMemoryMb > 0 ? options.SearchMemoryMb * 1_000_000L : null, Shared = shared },
            certified: options.Search == DetectorSearch.Certified);
    }

    /// <summary>Opens the inspector of a model file.</summary>
    /// <param name="model">The path of a bank or an HLGFA model; the file itself shows which it is.</param>
    /// <param name="background">The descriptor of the mask model, for a bank that was learned with one.</param>
    /// <param name="certified">True to search exactly only what can change the verdict; an HLGFA model has no search.</param>
    /// <exception cref="BankFormatException">The model is damaged, or was learned with another encoder.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot be used.</exception>
    public static IInspector OpenModel(string encoder, string model, int threads, TimeProvider clock, string? background = null, OnnxDevice? device = null, bool certified = false) =>
        MethodOf(model) == DetectorMethod.Hlgfa
            ? HlgfaInspector.Open(encoder, model, threads, clock, device)
            : MrfAdInspector.Open(encoder, model, threads, clock, background, device, certified);

    private static DetectorMethod MethodOf(string model) => HlgfaFile.Is(model) ? DetectorMethod.Hlgfa : DetectorMethod.MrfAd;
}
