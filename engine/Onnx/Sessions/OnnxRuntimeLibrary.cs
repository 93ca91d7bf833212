using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>ONNX Runtime's native library. It is checked before it is used, so that a missing or outdated library is reported in one sentence.</summary>
/// <param name="Path">The file that was loaded.</param>
/// <param name="Version">The version that the library reports, e.g. "1.31.0".</param>
public sealed record OnnxRuntimeLibrary(string Path, string Version)
{
    private const string Name = "onnxruntime";
    private const string FileName = $"lib{Name}.so";
    private const string Remedy = "publish for this kind of machine (dotnet publish -r linux-x64 or linux-arm64), or on a Jetson './build-jetson.sh --onnxruntime FILE'";

    private static readonly Lazy<OnnxRuntimeLibrary> TheOne = new(Load);

    /// <summary>The version of the package that this program was built with; a native library must have at least this version.</summary>
    public static Version RequiredVersion { get; } = typeof(OrtEnv).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>() is { } version
        ? System.Version.Parse(version.InformationalVersion.Split('+', '-')[0])
        : throw new InvalidOperationException("the ONNX Runtime assembly has no version");

    /// <summary>Loads the library on the first call.</summary>
    /// <exception cref="NativeLibraryException">The library is missing, does not load or is too old.</exception>
    public static OnnxRuntimeLibrary Require() => TheOne.Value;

    /// <summary>Checks the version of a library.</summary>
    /// <returns>A sentence that says why the library cannot be used; null where it can.</returns>
    public static string? Refusal(string path, string found) =>
        System.Version.TryParse(found, out var version) && (version.Major, version.Minor).CompareTo((RequiredVersion.Major, RequiredVersion.Minor)) >= 0
            ? null
            : $"{path} is ONNX Runtime {found}, want {RequiredVersion.ToString(3)} or newer: {Remedy}";

    private static unsafe OnnxRuntimeLibrary Load()
    {
        var library = Open();
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var export))
            throw new NativeLibraryException($"{FileName} is no ONNX Runtime (it has no OrtGetApiBase), want ONNX Runtime {RequiredVersion.ToString(3)}: {Remedy}");
        var path = FileOf(export) ?? FileName;
        // The first two functions of the library's interface, unchanged since its first version: one returns its other functions, one its version.
        var start = ((delegate* unmanaged<nint*>)export)();
        var version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)start[1])()) ?? "";
        if (Refusal(path, version) is { } refusal)
            throw new NativeLibraryException(refusal);
        // Its messages below the level of errors list, on every machine, the devices that it did not find.
        var options = new EnvironmentCreationOptions { logId = "mrfad", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (!OrtEnv.IsCreated)
            _ = OrtEnv.CreateInstanceWithOptions(ref options);
        return new OnnxRuntimeLibrary(path, version);
    }

    private static nint Open()
    {
        try
        {
            return NativeLibrary.Load(Name, typeof(OrtEnv).Assembly, null);
        }
        catch (DllNotFoundException e)
        {
            // The loader tries several names; the error of the file that exists is the useful one.
            var fault = e.Message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line =>
                line.Contains(".so", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal) && !line.Contains("No such file", StringComparison.Ordinal) && File.Exists(line.Split(": ")[0]));
            throw new NativeLibraryException(
                fault is null
                    ? $"{FileName} is missing, want ONNX Runtime {RequiredVersion.ToString(3)} in {AppContext.BaseDirectory}: {Remedy}"
                    : $"ONNX Runtime does not load: {fault.TrimEnd('.')}; want {RequiredVersion.ToString(3)} for this machine ({RuntimeInformation.RuntimeIdentifier}): {Remedy}",
                e);
        }
        catch (BadImageFormatException e)
        {
            throw new NativeLibraryException($"ONNX Runtime does not load: {FileName} is for another kind of machine, want {RequiredVersion.ToString(3)} for this one ({RuntimeInformation.RuntimeIdentifier}): {Remedy}", e);
        }
    }

    /// <returns>The path of the file that is mapped at an address of this process.</returns>
    private static string? FileOf(nint address)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            // 7f0000000000-7f0000001000 r-xp 00000000 fe:00 1234    /path/of/the file
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            var range = fields[0].Split('-');
            if (fields.Length == 6 && (ulong)address >= Hex(range[0]) && (ulong)address < Hex(range[1]))
                return fields[5];
        }

        return null;

        static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
