namespace MrfAd.Onnx.Sessions;

/// <summary>The order in which providers are tried, and their names.</summary>
public static class Providers
{
    public static IReadOnlyList<Provider> ToTry(this Provider requested) => requested switch
    {
        Provider.Cpu => [Provider.Cpu],
        Provider.Cuda => [Provider.Cuda, Provider.Cpu],
        _ => [Provider.Tensorrt, Provider.Cuda, Provider.Cpu],
    };

    /// <summary>Returns the provider's name in configuration, logs and metrics.</summary>
    public static string ToText(this Provider provider) => provider.ToString().ToLowerInvariant();

    /// <returns>The provider; null for any other provider of ONNX Runtime.</returns>
    public static Provider? Of(string ortName) => ortName switch
    {
        "CPUExecutionProvider" => Provider.Cpu,
        "CUDAExecutionProvider" => Provider.Cuda,
        "TensorrtExecutionProvider" or "NvTensorRTRTXExecutionProvider" => Provider.Tensorrt,
        _ => null,
    };
}
