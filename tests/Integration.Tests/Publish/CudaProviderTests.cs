using System.Diagnostics;
using System.Text.Json;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Publish;

/// <summary>The files that the build copies, as MSBuild itself lists them: the providers for NVIDIA devices are 284 MB.</summary>
public sealed class CudaProviderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_provider_for_NVIDIA_devices_is_carried_only_where_it_is_asked_for(bool asked)
    {
        var copied = await CopiedAsync(asked);

        Assert.Contains("libonnxruntime.so", copied);
        Assert.Equal(asked, copied.Contains("libonnxruntime_providers_cuda.so"));
        Assert.Equal(asked, copied.Contains("libonnxruntime_providers_tensorrt.so"));
    }

    private static async Task<List<string>> CopiedAsync(bool asked)
    {
        var project = Path.Combine(Repository.Root, "agent/Cli/MrfAd.Cli.csproj");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-t:ResolvePackageAssets", "-getItem:RuntimeTargetsCopyLocalItems", $"-p:CudaProvider={asked}", "-p:Configuration=Release"])
        {
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output);
        using var items = JsonDocument.Parse(output);
        return [.. items.RootElement.GetProperty("Items").GetProperty("RuntimeTargetsCopyLocalItems").EnumerateArray()
            .Select(item => Path.GetFileName(item.GetProperty("Identity").GetString()!))];
    }
}
