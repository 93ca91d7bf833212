using System.Globalization;
using System.Runtime.InteropServices;

namespace MrfAd.Onnx.Sessions;

/// <summary>The names and versions of NVIDIA's hardware and software as the system reports them; "none" where something is absent.</summary>
/// <param name="Gpu">The models of all GPUs, joined.</param>
public sealed record NvidiaDevice(string Gpu, string Driver, string TensorRt)
{
    private const string None = "none";

    // Paths that show a running driver: on a PC and in its containers, on a Jetson, in Windows' Linux.
    private static readonly string[] Traces = ["proc/driver/nvidia/version", "dev/nvidiactl", "dev/nvhost-gpu", "dev/nvgpu", "dev/dxg"];

    private static readonly Lazy<string?> WhyNone = new(() => Ask(IsPresentAt("/")));

    /// <summary>The reason why CUDA has no device to run on here; null where it has one. ONNX Runtime is not used to find out.</summary>
    public static string? Absence => WhyNone.Value;

    /// <param name="root">The root folder "/", or a copy of the files that are read below it.</param>
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
            NvidiaLibrary.Probe("libnvinfer.so.10").Version ?? None);
    }

    /// <summary>Returns true where NVIDIA's hardware is present, even if software to use it is missing.</summary>
    /// <param name="root">The root folder "/", or a copy of the files that are read below it.</param>
    public static bool IsPresentAt(string root) =>
        Array.Exists(Traces, trace => File.Exists(Path.Combine(root, trace)))
        || Text(Path.Combine(root, "proc/device-tree/compatible"))?.Contains("nvidia,tegra", StringComparison.Ordinal) == true;

    private static unsafe string? Ask(bool traces)
    {
        if (!NativeLibrary.TryLoad("libcuda.so.1", out var driver))
            return traces ? "there is an NVIDIA device here, but its driver's libcuda.so.1 is not found" : "no NVIDIA device here";
        if (!NativeLibrary.TryGetExport(driver, "cuInit", out var initialize) || !NativeLibrary.TryGetExport(driver, "cuDeviceGetCount", out var ask))
            return "the libcuda.so.1 here is no NVIDIA driver";
        var (error, count) = (((delegate* unmanaged<uint, int>)initialize)(0), 0);
        if (error == 0)
            error = ((delegate* unmanaged<int*, int>)ask)(&count);
        return error != 0 ? string.Create(CultureInfo.InvariantCulture, $"the NVIDIA driver refuses (CUDA error {error})")
            : count == 0 ? "no NVIDIA device here"
            : null;
    }

    private static string? Field(string path, string name) =>
        Text(path)?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
