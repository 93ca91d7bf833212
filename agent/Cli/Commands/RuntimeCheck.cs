using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Checks ONNX Runtime and its providers: which can work, the versions that each needs and those that are installed.</summary>
public static class RuntimeCheck
{
    /// <param name="asked">The providers in the detectors' configuration. One that cannot work is a failure. For the CPU alone, NVIDIA's libraries are not checked.</param>
    /// <param name="all">True reports every provider, also those without a device and those not asked for.</param>
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

    /// <summary>Checks all native libraries on this machine, whether or not a station would use them.</summary>
    public static IEnumerable<CheckResult> Libraries()
    {
        var nvidia = NvidiaDevice.Read();
        yield return new CheckResult("device", true, $"{RuntimeInformation.RuntimeIdentifier}, GPU {nvidia.Gpu}, driver {nvidia.Driver}", 0);
        foreach (var result in Run([Provider.Auto], all: true))
            yield return result;
        yield return Images();
    }

    /// <summary>Checks the library that decodes images.</summary>
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

    /// <summary>Describes whether the provider can work, then the versions it needs, those installed, and the missing files.</summary>
    public static string Detail(ProviderSupport support)
    {
        var here = support.Libraries.Where(l => l.Version is not null).Select(l => $"{l.Product} {l.Version}").ToList();
        var missing = support.Missing.Select(l => l.File).ToList();
        return $"{support.Refusal ?? "can work here"}; wants {support.RequiredVersions}"
            + (here.Count > 0 ? $"; found: {string.Join(", ", here)}" : "")
            + (missing.Count > 0 && !support.Carried ? $"; not found: {string.Join(", ", missing)}" : "");
    }
}
