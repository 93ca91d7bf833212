using System.Runtime.InteropServices;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Tests.Onnx;

public sealed partial class OnnxRuntimeTelemetryTests
{
    [Fact]
    public void Whoever_uses_the_engine_has_its_runtimes_telemetry_off_before_that_runtime_is_loaded()
    {
        _ = OnnxSession.RuntimeVersion;

        // Native code reads its own environment, not .NET's.
        Assert.Equal("1", Marshal.PtrToStringUTF8(getenv("ORT_DISABLE_TELEMETRY")));
        Assert.Equal("1", Environment.GetEnvironmentVariable("ORT_DISABLE_TELEMETRY"));
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);
}
