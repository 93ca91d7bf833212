using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Jetson;

public sealed class PackageTests
{
    [Fact]
    public async Task What_is_native_in_the_package_is_for_the_Jetson_and_starts_under_emulation()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "packages are made on x64");
        Requires.Program("/usr/bin/qemu-aarch64-static", package: "qemu-user-static");
        Requires.Program("/usr/bin/aarch64-linux-gnu-gcc", package: "gcc-aarch64-linux-gnu");
        using var build = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "build-jetson.sh")) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
        await build.WaitForExitAsync();

        Assert.True(build.ExitCode == 0, await output + await errors);
        Assert.Contains("agent/libonnxruntime.so: AArch64, at least GLIBC_2.", await output, StringComparison.Ordinal);
        Assert.Contains("started under emulation: ONNX Runtime ", await output, StringComparison.Ordinal);
    }
}
