using System.Runtime.InteropServices;

namespace MrfAd.Engine.Onnx;

/// <summary>NVIDIA's hardware and software as the system names it; "none" for what is not there.</summary>
/// <param name="Gpu">Model of each, joined.</param>
public sealed record NvidiaDevice(string Gpu, string Driver, string TensorRt)
{
    private const string None = "none";

    /// <param name="root">"/", or a copy of what is read below it.</param>
    public static NvidiaDevice Read(string root = "/")
    {
        var cards = Path.Combine(root, "proc/driver/nvidia/gpus");
        var models = Directory.Exists(cards)
            ? Directory.GetDirectories(cards).Order(StringComparer.Ordinal).Select(card => Field(Path.Combine(card, "information"), "Model:")).OfType<string>().ToList()
            : [];
        var jetson = Text(Path.Combine(root, "proc/device-tree/model"))?.TrimEnd('\0');
        return new NvidiaDevice(
            models.Count > 0 ? string.Join(" + ", models) : jetson ?? None,
            Text(Path.Combine(root, "proc/driver/nvidia/version"))?.Split('\n')[0].Trim() ?? Text(Path.Combine(root, "etc/nv_tegra_release"))?.Split('\n')[0].Trim() ?? None,
            TensorRtVersion());
    }

    /// <summary>"10.3.0", by asking the library.</summary>
    private static string TensorRtVersion()
    {
        if (!NativeLibrary.TryLoad("libnvinfer.so.10", out var library) || !NativeLibrary.TryGetExport(library, "getInferLibVersion", out var ask))
            return None;
        var version = Marshal.GetDelegateForFunctionPointer<Version>(ask)();
        return $"{version / 10_000}.{version / 100 % 100}.{version % 100}"; // NV_TENSORRT_VERSION since TensorRT 10
    }

    private static string? Field(string path, string name) =>
        Text(path)?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path) : null;

    private delegate int Version();
}
