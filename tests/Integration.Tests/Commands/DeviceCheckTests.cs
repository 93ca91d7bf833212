using System.Text.Json;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary><c>mrfad check --device</c>: compares the speed and memory of this machine with a profile's budgets.</summary>
public sealed class DeviceCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_measures_each_view_the_frame_and_the_memory_and_says_how_to_learn()
    {
        var (code, checks) = await CheckAsync(frameMs: 100_000, memoryMb: 100_000);

        Assert.Equal(0, code);
        Assert.Equal(["device", "onnx runtime", "view 0.5", "view 1", "encoder", "frame", "memory"], checks.Keys);
        Assert.Contains("96x128: ", checks["view 0.5"].Detail, StringComparison.Ordinal);
        Assert.EndsWith("learn with --scales 0.5,1 --precision int8 --budget 7MB", checks["frame"].Detail, StringComparison.Ordinal);
        Assert.Matches("; p50 [0-9]+, p99 [0-9]+, maximum [0-9]+ ms, 0 of 20 above 100000 ms; ", checks["frame"].Detail);
    }

    [Fact]
    public async Task What_does_not_fit_is_named_with_what_would_help()
    {
        var (code, checks) = await CheckAsync(frameMs: 1, memoryMb: 1);

        Assert.Equal(1, code);
        Assert.Contains("want at most 1: ", checks["frame"].Detail, StringComparison.Ordinal);
        Assert.Contains("too much: ", checks["frame"].Detail, StringComparison.Ordinal);
        Assert.Contains(", 20 of 20 above 1 ms; ", checks["frame"].Detail, StringComparison.Ordinal);
        Assert.Equal((false, false), (checks["frame"].Ok, checks["memory"].Ok));
    }

    [Fact]
    public async Task Each_NVIDIA_provider_is_reported_with_the_versions_that_it_wants_and_one_that_is_named_has_to_work()
    {
        Assert.SkipUnless(NvidiaDevice.Absence is not null, "there is an NVIDIA device here");

        var (code, checks) = await CheckAsync(frameMs: 100_000, memoryMb: 100_000, provider: "tensorrt");

        Assert.Equal(1, code);
        Assert.Equal((true, false, false), (checks["cuda"].Ok, checks["tensorrt"].Ok, checks["encoder"].Ok));
        Assert.Contains("; wants CUDA 13 and cuDNN 9; ", checks["cuda"].Detail, StringComparison.Ordinal);
        Assert.StartsWith("no NVIDIA device here; ", checks["tensorrt"].Detail, StringComparison.Ordinal);
        Assert.Contains("; wants CUDA 13, cuDNN 9 and TensorRT 10; ", checks["tensorrt"].Detail, StringComparison.Ordinal);
        Assert.Contains("libnvinfer.so.10", checks["tensorrt"].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_device_is_and_none_is_asked_for_that_is_all_that_is_reported_of_GPUs()
    {
        Assert.SkipUnless(NvidiaDevice.Absence is not null, "there is an NVIDIA device here");

        var (_, checks) = await CheckAsync(frameMs: 100_000, memoryMb: 100_000, provider: "auto");

        Assert.Equal((true, "no NVIDIA device here: models run on the CPU"), checks["gpu"]);
        Assert.False(checks.ContainsKey("cuda"));
    }

    [Theory]
    [InlineData("{}", "has no 'device' section to measure against")]
    [InlineData("""{ "device": { "scales": [0.5] } }""", "encoder_precision")]
    [InlineData("""{ "device": { "scales": [9], "encoder_precision": "fp32", "row_precision": "int8", "bank_mb": 7, "frame_ms": 1, "memory_mb": 1 } }""", "device.scales: want one or more numbers above 0 and up to 4")]
    [InlineData("{", "profile.json: ")]
    public async Task A_profile_that_cannot_be_used_is_refused_by_what_is_wrong(string profile, string fault)
    {
        File.WriteAllText(_folder.File("profile.json"), profile);

        var (code, _, errors) = await AgentProcess.RunAsync("check", "--device", _folder.File("profile.json"));

        Assert.Equal(2, code);
        Assert.Contains(fault, errors, StringComparison.Ordinal);
    }

    private async Task<(int Code, Dictionary<string, (bool Ok, string Detail)> Checks)> CheckAsync(int frameMs, int memoryMb, string provider = "cpu")
    {
        File.WriteAllText(_folder.File("profile.json"), $$"""
            {
              "detector": { "provider": "{{provider}}", "threads": 1 },
              "device": { "scales": [0.5, 1], "encoder_precision": "fp32", "row_precision": "int8", "bank_mb": 7, "frame_ms": {{frameMs}}, "memory_mb": {{memoryMb}} },
            }
            """);
        var (code, output, errors) = await AgentProcess.RunAsync(
            "check", "--device", _folder.File("profile.json"), "--encoder", TinyEncoder.Write(_folder.Path), "--image", "192x256", "--json");
        Assert.True(code is 0 or 1, errors);
        using var results = JsonDocument.Parse(output);
        return (code, results.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, c => (c.GetProperty("ok").GetBoolean(), c.GetProperty("detail").GetString()!)));
    }
}
