using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MrfAd.Onnx.Sessions;

/// <summary>
/// Keeps ONNX Runtime from sending usage data. Its native library reads this variable when it is loaded, from the process's own
/// environment, which .NET's <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not change on Unix.
/// </summary>
internal static partial class OnnxRuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Runs before any other code of this library, and so before it loads ONNX Runtime, whichever program uses it.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "Any type of this library may be the first that a program uses.")]
    internal static void TurnOff()
    {
        // .NET's own copy of the environment is passed on to child processes.
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
            _ = setenv(Variable, "1", overwrite: 1);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
