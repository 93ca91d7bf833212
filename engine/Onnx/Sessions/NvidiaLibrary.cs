using System.Globalization;
using System.Runtime.InteropServices;

namespace MrfAd.Onnx.Sessions;

/// <summary>A library that ONNX Runtime's NVIDIA providers call, and its state on this machine.</summary>
/// <param name="File">The file name by which the loader finds it, e.g. "libcudart.so.13".</param>
/// <param name="Found">True where the loader finds the library and all that it depends on.</param>
/// <param name="Version">The version that the library reports, e.g. "9.10.2"; null where it reports none.</param>
public sealed record NvidiaLibrary(string File, bool Found, string? Version)
{
    /// <summary>The product to install where the library is missing: "CUDA", "cuDNN", "TensorRT" or "NVIDIA driver".</summary>
    public string Product => ProductOf(File);

    /// <summary>Returns true for a library of NVIDIA's.</summary>
    public static bool IsOne(string file) => file.StartsWith("libcu", StringComparison.Ordinal) || file.StartsWith("libnv", StringComparison.Ordinal);

    public static string ProductOf(string file) =>
        file.StartsWith("libcuda.", StringComparison.Ordinal) ? "NVIDIA driver"
        : file.StartsWith("libcudnn", StringComparison.Ordinal) ? "cuDNN"
        : file.StartsWith("libnvinfer", StringComparison.Ordinal) || file.StartsWith("libnvonnxparser", StringComparison.Ordinal) ? "TensorRT"
        : "CUDA";

    /// <summary>Loads a library to find its version. It stays loaded, because callers are about to use it.</summary>
    public static NvidiaLibrary Probe(string file) =>
        NativeLibrary.TryLoad(file, out var library) ? new NvidiaLibrary(file, true, VersionOf(file, library)) : new NvidiaLibrary(file, false, null);

    private static unsafe string? VersionOf(string file, nint library)
    {
        switch (file.Split('.')[0])
        {
            case "libcudart" when NativeLibrary.TryGetExport(library, "cudaRuntimeGetVersion", out var ask):
                return Cuda((delegate* unmanaged<int*, int>)ask);
            case "libcuda" when NativeLibrary.TryGetExport(library, "cuDriverGetVersion", out var ask):
                return Cuda((delegate* unmanaged<int*, int>)ask);
            case "libcudnn" when NativeLibrary.TryGetExport(library, "cudnnGetVersion", out var ask):
                return Dotted((long)((delegate* unmanaged<nuint>)ask)()); // CUDNN_VERSION since cuDNN 9
            case "libnvinfer" when NativeLibrary.TryGetExport(library, "getInferLibVersion", out var ask):
                return Dotted(((delegate* unmanaged<int>)ask)()); // NV_TENSORRT_VERSION since TensorRT 10
            default:
                return null;
        }
    }

    /// <summary>Returns CUDA's version as text: 13000 is 13.0.</summary>
    private static unsafe string? Cuda(delegate* unmanaged<int*, int> ask)
    {
        int version;
        return ask(&version) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version / 10 % 100}") : null;
    }

    /// <summary>Returns a version as text: 91002 is 9.10.2.</summary>
    private static string Dotted(long version) => string.Create(CultureInfo.InvariantCulture, $"{version / 10_000}.{version / 100 % 100}.{version % 100}");
}
