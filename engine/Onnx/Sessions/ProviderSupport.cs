using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>Checks whether TensorRT or CUDA can run graphs here, without calling them, so that a provider that cannot load is not tried.</summary>
/// <param name="Provider">TensorRT or CUDA.</param>
/// <param name="Carried">True where the provider's native library lies beside ONNX Runtime's.</param>
/// <param name="Libraries">The NVIDIA libraries that it calls, and their state on this machine.</param>
/// <param name="Refusal">The reason why it cannot work here; null where none is known.</param>
public sealed record ProviderSupport(Provider Provider, bool Carried, IReadOnlyList<NvidiaLibrary> Libraries, string? Refusal)
{
    // The CUDA provider loads this library when it first needs it, so its file does not name it.
    private const string Cudnn = "libcudnn.so.9";

    // The libraries that the packages' providers need (readelf -d). Where the provider's file exists it is read instead, since a custom build may need others.
    private static readonly string[] CudaLibraries = ["libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudart.so.13", "libcuda.so.1"];
    private static readonly string[] TensorRtLibraries = ["libcublas.so.13", "libnvinfer.so.10", "libnvonnxparser.so.10", "libcudart.so.13", Cudnn];

    private static readonly ConcurrentDictionary<Provider, ProviderSupport> Known = new();

    /// <summary>The versions that this build requires, e.g. "CUDA 13, cuDNN 9 and TensorRT 10".</summary>
    public string RequiredVersions => Joined([.. Libraries.Where(l => l.File.StartsWith("libcudart.", StringComparison.Ordinal) || l.Product == "cuDNN" || l.File.StartsWith("libnvinfer.", StringComparison.Ordinal))
        .Select(l => $"{l.Product} {l.File.Split(".so.")[^1]}").Distinct().Order(StringComparer.OrdinalIgnoreCase)]);

    /// <summary>The libraries that are missing on this machine, or cannot be loaded.</summary>
    public IEnumerable<NvidiaLibrary> Missing => Libraries.Where(l => !l.Found);

    /// <param name="provider">TensorRT or CUDA.</param>
    /// <exception cref="NativeLibraryException">No usable ONNX Runtime is installed.</exception>
    public static ProviderSupport Of(Provider provider) =>
        Known.GetOrAdd(provider, p => Probe(p, Path.GetDirectoryName(OnnxRuntimeLibrary.Require().Path) ?? "", NvidiaDevice.Absence));

    /// <param name="folder">The folder of ONNX Runtime's native library.</param>
    /// <param name="absence">The reason why there is no device; null where there is one.</param>
    public static ProviderSupport Probe(Provider provider, string folder, string? absence)
    {
        var path = FileIn(folder, provider);
        var carried = File.Exists(path);
        var libraries = NamesOf(provider, path).Select(NvidiaLibrary.Probe).ToList();
        var missing = libraries.Where(l => !l.Found).Select(l => $"{l.File} ({l.Product})").ToList();
        string?[] reasons =
        [
            absence,
            carried ? null : $"this build carries no {NameOf(provider)} provider ({Path.GetFileName(path)}): {Remedy}",
            carried && missing.Count > 0 ? $"not found: {Joined(missing)}" : null,
            OldDriver(libraries),
        ];
        var refusal = string.Join("; ", reasons.OfType<string>());
        return new ProviderSupport(provider, carried, libraries, refusal.Length == 0 ? null : refusal);
    }

    /// <summary>Returns the names of the NVIDIA libraries that a provider calls.</summary>
    /// <param name="path">The path of the provider's file, which may be absent.</param>
    public static IReadOnlyList<string> NamesOf(Provider provider, string path)
    {
        var named = SharedObject.Needed(path).Where(NvidiaLibrary.IsOne).ToList();
        if (named.Count == 0)
            named = [.. provider == Provider.Cuda ? CudaLibraries : TensorRtLibraries];
        if (!named.Exists(n => NvidiaLibrary.ProductOf(n) == "cuDNN"))
            named.Add(Cudnn);
        return named;
    }

    public static string FileIn(string folder, Provider provider) => Path.Combine(folder, $"libonnxruntime_providers_{provider.ToText()}.so");

    private static string? OldDriver(IReadOnlyList<NvidiaLibrary> libraries)
    {
        var wanted = libraries.FirstOrDefault(l => l.File.StartsWith("libcudart.", StringComparison.Ordinal))?.File.Split(".so.")[^1];
        return NvidiaLibrary.Probe("libcuda.so.1").Version is { } runs && Major(runs) < Major(wanted) ? $"the NVIDIA driver runs CUDA up to {runs}, want {wanted}" : null;

        static int Major(string? version) => int.TryParse(version?.Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    private static string Remedy => RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? "build ONNX Runtime with it on the device, then './build-jetson.sh --onnxruntime FILE'"
        : "install the package mrfad-cuda, or build or publish with -p:CudaProvider=true";

    private static string NameOf(Provider provider) => provider == Provider.Cuda ? "CUDA" : "TensorRT";

    private static string Joined(List<string> words) => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
}
