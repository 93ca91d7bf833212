using System.Globalization;
using System.Runtime.InteropServices;

namespace MrfAd.Onnx.Sessions;

/// <summary>One of the libraries that ONNX Runtime's NVIDIA providers call, as this machine has it.</summary>
/// <param name="File">As the loader looks for it, e.g. "libcudart.so.13".</param>
/// <param name="Found">The loader finds it, and all that it needs.</param>
/// <param name="Version">Its own word, e.g. "9.10.2"; null where it has none to give.</param>
public sealed record NvidiaLibrary(string File, bool Found, string? Version)
{
    /// <summary>"CUDA", "cuDNN", "TensorRT" or "NVIDIA driver": what is to be installed where it is missing.</summary>
    public string Product => ProductOf(File);

    /// <summary>Returns true for a library of NVIDIA's.</summary>
    public static bool IsOne(string file) => file.StartsWith("libcu", StringComparison.Ordinal) || file.StartsWith("libnv", StringComparison.Ordinal);

    public static string ProductOf(string file) =>
        file.StartsWith("libcuda.", StringComparison.Ordinal) ? "NVIDIA driver"
        : file.StartsWith("libcudnn", StringComparison.Ordinal) ? "cuDNN"
        : file.StartsWith("libnvinfer", StringComparison.Ordinal) || file.StartsWith("libnvonnxparser", StringComparison.Ordinal) ? "TensorRT"
        : "CUDA";

    /// <summary>Has the loader look for a library. One that is found stays loaded: who asks is about to use it.</summary>
    public static NvidiaLibrary Look(string file) =>
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

    /// <summary>13000 is CUDA 13.0.</summary>
    private static unsafe string? Cuda(delegate* unmanaged<int*, int> ask)
    {
        int version;
        return ask(&version) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version / 10 % 100}") : null;
    }

    /// <summary>91002 is 9.10.2.</summary>
    private static string Dotted(long version) => string.Create(CultureInfo.InvariantCulture, $"{version / 10_000}.{version / 100 % 100}.{version % 100}");
}
