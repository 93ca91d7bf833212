using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>Tells whether TensorRT or CUDA can run graphs here, without calling them: a provider that cannot load is not tried.</summary>
/// <param name="Provider">TensorRT or CUDA.</param>
/// <param name="Carried">The native library that is the provider lies beside ONNX Runtime's.</param>
/// <param name="Libraries">NVIDIA's libraries that it calls, as this machine has them.</param>
/// <param name="Refusal">Why it cannot work here; null: nothing is known against it.</param>
public sealed record ProviderSupport(Provider Provider, bool Carried, IReadOnlyList<NvidiaLibrary> Libraries, string? Refusal)
{
    // Loaded by the CUDA provider when it first needs it: its file does not name it.
    private const string Cudnn = "libcudnn.so.9";

    // The packages' providers name these (readelf -d); asked of the file itself where it is there, since one that was built elsewhere may name others.
    private static readonly string[] CudaLibraries = ["libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudart.so.13", "libcuda.so.1"];
    private static readonly string[] TensorRtLibraries = ["libcublas.so.13", "libnvinfer.so.10", "libnvonnxparser.so.10", "libcudart.so.13", Cudnn];

    private static readonly ConcurrentDictionary<Provider, ProviderSupport> Known = new();

    /// <summary>The versions that this build wants, e.g. "CUDA 13, cuDNN 9 and TensorRT 10".</summary>
    public string Wanted => Joined([.. Libraries.Where(l => l.File.StartsWith("libcudart.", StringComparison.Ordinal) || l.Product == "cuDNN" || l.File.StartsWith("libnvinfer.", StringComparison.Ordinal))
        .Select(l => $"{l.Product} {l.File.Split(".so.")[^1]}").Distinct().Order(StringComparer.OrdinalIgnoreCase)]);

    /// <summary>The libraries that this machine lacks, or cannot load.</summary>
    public IEnumerable<NvidiaLibrary> Missing => Libraries.Where(l => !l.Found);

    /// <param name="provider">TensorRT or CUDA.</param>
    /// <exception cref="NativeLibraryException">There is no ONNX Runtime that could load one.</exception>
    public static ProviderSupport Of(Provider provider) =>
        Known.GetOrAdd(provider, p => Look(p, Path.GetDirectoryName(OnnxRuntimeLibrary.Require().Path) ?? "", NvidiaDevice.Absence));

    /// <param name="folder">Where ONNX Runtime's native library lies.</param>
    /// <param name="absence">Why there is no device; null: there is one.</param>
    public static ProviderSupport Look(Provider provider, string folder, string? absence)
    {
        var path = FileIn(folder, provider);
        var carried = File.Exists(path);
        var libraries = NamesOf(provider, path).Select(NvidiaLibrary.Look).ToList();
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

    /// <summary>The libraries of NVIDIA's that a provider calls.</summary>
    /// <param name="path">Its file, which may be absent.</param>
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
        return NvidiaLibrary.Look("libcuda.so.1").Version is { } runs && Major(runs) < Major(wanted) ? $"the NVIDIA driver runs CUDA up to {runs}, want {wanted}" : null;

        static int Major(string? version) => int.TryParse(version?.Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    private static string Remedy => RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? "build ONNX Runtime with it on the device, then './build-jetson.sh --onnxruntime FILE'"
        : "build or publish with -p:CudaProvider=true";

    private static string NameOf(Provider provider) => provider == Provider.Cuda ? "CUDA" : "TensorRT";

    private static string Joined(List<string> words) => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
}
