using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Jetson;

public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_the_device_another_ONNX_Runtime_is_taken_with_its_providers_or_all_is_left_as_it_was(bool works)
    {
        // A script takes the agent's place and checks the library as the agent does, by its architecture.
        Directory.CreateDirectory(_folder.File("agent"));
        Directory.CreateDirectory(_folder.File("built"));
        File.Copy(Path.Combine(Repository.Root, "build-jetson.sh"), _folder.File("build-jetson.sh"));
        File.WriteAllText(_folder.File("agent/mrfad.dll"), "");
        File.WriteAllText(_folder.File("agent/libonnxruntime.so"), "old");
        File.WriteAllText(_folder.File("agent/libonnxruntime_providers_shared.so"), "old");
        File.WriteAllText(_folder.File("agent/mrfad"), """
            #!/bin/sh
            [ "$(cat "$(dirname "$0")/libonnxruntime.so")" = good ] && ok=true || ok=false
            printf '    {\n      "name": "onnx runtime",\n      "ok": %s,\n      "detail": "the reason",\n' $ok
            """);
        using (var chmod = Process.Start("chmod", ["+x", _folder.File("agent/mrfad")]))
            await chmod.WaitForExitAsync();
        File.WriteAllText(_folder.File("built/libonnxruntime.so.1.31.0"), works ? "good" : "bad");
        File.WriteAllText(_folder.File("built/libonnxruntime_providers_cuda.so"), "new");

        using var build = Process.Start(new ProcessStartInfo("bash", [_folder.File("build-jetson.sh"), "--onnxruntime", _folder.File("built/libonnxruntime.so.1.31.0")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
        await build.WaitForExitAsync();

        Assert.True(build.ExitCode == (works ? 0 : 1), await output + await errors);
        var libraries = Directory.GetFiles(_folder.File("agent"), "libonnxruntime*").Select(f => $"{Path.GetFileName(f)} {File.ReadAllText(f)}").Order(StringComparer.Ordinal);
        if (works)
            Assert.Equal(["libonnxruntime.so good", "libonnxruntime_providers_cuda.so new"], libraries);
        else
            Assert.Equal(["libonnxruntime.so old", "libonnxruntime_providers_shared.so old"], libraries);
        Assert.Equal(!works, (await errors).Contains("not taken: the reason", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_native_in_the_package_is_for_the_Jetson_and_the_agent_in_it_starts_under_emulation()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "packages are made on x64");
        Assert.SkipUnless(
            File.Exists("/usr/bin/qemu-aarch64-static") && File.Exists("/usr/aarch64-linux-gnu/lib/libstdc++.so.6"),
            "there is no emulator: apt-get install qemu-user-static libc6-dev-arm64-cross libstdc++6-arm64-cross");
        using var build = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "build-jetson.sh"), ["--tarball"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
        await build.WaitForExitAsync();

        Assert.True(build.ExitCode == 0, await output + await errors);
        Assert.Contains("agent/libonnxruntime.so: AArch64, at least GLIBC_2.", await output, StringComparison.Ordinal);
        Assert.Contains("agent/libcoreclr.so: AArch64, ", await output, StringComparison.Ordinal); // .NET is included
        Assert.Contains("\"detail\": \"linux-arm64, GPU none", await output, StringComparison.Ordinal);
        Assert.Matches("\"detail\": \"1\\.31\\.0, .*/agent/libonnxruntime\\.so\"", await output);
    }
}
