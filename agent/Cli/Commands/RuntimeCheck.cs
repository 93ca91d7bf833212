using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Tells which ONNX Runtime is here and which of its providers can work: what each wants, what was found and what is missing.</summary>
public static class RuntimeCheck
{
    /// <param name="asked">The providers that detectors ask for. One that is named and cannot work is a failure; for the CPU nothing of NVIDIA's is looked at.</param>
    /// <param name="all">Each provider is told of, where no device is there and none is named, too.</param>
    public static IEnumerable<CheckResult> Run(IReadOnlyCollection<Provider> asked, bool all = false)
    {
        CheckResult runtime;
        try
        {
            var library = OnnxRuntimeLibrary.Require();
            runtime = new CheckResult("onnx runtime", true, $"{library.Version}, {library.Path}", 0);
        }
        catch (NativeLibraryException e)
        {
            runtime = new CheckResult("onnx runtime", false, e.Message, 0);
        }

        yield return runtime;
        if (!runtime.Ok || asked.All(p => p == Provider.Cpu))
            yield break;
        if (!all && NvidiaDevice.Absence is { } absence && asked.All(p => p is Provider.Cpu or Provider.Auto))
        {
            yield return new CheckResult("gpu", true, $"{absence}: models run on the CPU", 0);
            yield break;
        }

        foreach (var provider in new[] { Provider.Cuda, Provider.Tensorrt })
        {
            var support = ProviderSupport.Of(provider);
            yield return new CheckResult(provider.ToText(), support.Refusal is null || !asked.Contains(provider), Detail(support), 0);
        }
    }

    /// <summary>Looks at all native libraries of this machine's, whatever a station would use of them.</summary>
    public static IEnumerable<CheckResult> Libraries()
    {
        var nvidia = NvidiaDevice.Read();
        yield return new CheckResult("device", true, $"{RuntimeInformation.RuntimeIdentifier}, GPU {nvidia.Gpu}, driver {nvidia.Driver}", 0);
        foreach (var result in Run([Provider.Auto], all: true))
            yield return result;
        yield return Images();
    }

    /// <summary>Looks at the library that decodes images.</summary>
    public static CheckResult Images()
    {
        try
        {
            return new CheckResult("images", true, $"OpenCV {ImageCodec.LibraryVersion}", 0);
        }
        catch (NativeLibraryException e)
        {
            return new CheckResult("images", false, e.Message, 0);
        }
    }

    /// <summary>Says first whether the provider can work, then the versions that are wanted, those that are here, and the files that are missing.</summary>
    public static string Detail(ProviderSupport support)
    {
        var here = support.Libraries.Where(l => l.Version is not null).Select(l => $"{l.Product} {l.Version}").ToList();
        var missing = support.Missing.Select(l => l.File).ToList();
        return $"{support.Refusal ?? "can work here"}; wants {support.RequiredVersions}"
            + (here.Count > 0 ? $"; found: {string.Join(", ", here)}" : "")
            + (missing.Count > 0 && !support.Carried ? $"; not found: {string.Join(", ", missing)}" : "");
    }
}
