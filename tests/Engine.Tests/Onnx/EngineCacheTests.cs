using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Onnx;

public sealed class EngineCacheTests : IDisposable
{
    private static readonly EngineIdentity Orin = new("5eed", "462x630", "fp16", "10.3.0", "1.29.0", "540.4.0", "Jetson AGX Orin");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_engine_is_used_again()
    {
        var made = Build(Orin);
        var again = EngineCache.Open(_folder.Path, Orin);
        Assert.True(again.Ready);
        Assert.Null(again.Ignored);
        Assert.Equal(made.Folder, again.Folder);
        Assert.True(File.Exists(Path.Combine(again.Folder, "x.engine")));
    }

    [Theory]
    [InlineData("driver", "driver 550.1")]
    [InlineData("gpu", "RTX 4000")]
    [InlineData("tensorrt", "TensorRT 10.8.0")]
    [InlineData("runtime", "ONNX Runtime 1.30.0")]
    public void An_engine_made_elsewhere_is_deleted_and_the_reason_is_reported(string changed, string text)
    {
        Build(Orin);
        var here = changed switch
        {
            "driver" => Orin with { Driver = "550.1" },
            "gpu" => Orin with { Gpu = "RTX 4000" },
            "tensorrt" => Orin with { TensorRt = "10.8.0" },
            _ => Orin with { Runtime = "1.30.0" },
        };
        var cache = EngineCache.Open(_folder.Path, here);
        Assert.False(cache.Ready);
        Assert.Contains("built with TensorRT 10.3.0, ONNX Runtime 1.29.0, driver 540.4.0, Jetson AGX Orin; here it is", cache.Ignored, StringComparison.Ordinal);
        Assert.Contains(text, cache.Ignored, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(cache.Folder));
    }

    [Fact]
    public void An_engine_that_was_not_finished_is_thrown_away()
    {
        var cache = EngineCache.Open(_folder.Path, Orin);
        File.WriteAllText(Path.Combine(cache.Folder, "x.engine"), "half");
        var next = EngineCache.Open(_folder.Path, Orin);
        Assert.Contains("not finished", next.Ignored, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(next.Folder));
    }

    [Fact]
    public void Another_graph_shape_or_precision_has_a_place_of_its_own()
    {
        var first = Build(Orin);
        foreach (var other in new[] { Orin with { ModelSha256 = "0" }, Orin with { Shapes = "1x1" }, Orin with { Precision = "fp32" } })
        {
            var cache = EngineCache.Open(_folder.Path, other);
            Assert.NotEqual(first.Folder, cache.Folder);
            Assert.Null(cache.Ignored);
        }

        Assert.True(EngineCache.Open(_folder.Path, Orin).Ready);
    }

    [Fact]
    public void The_device_is_read_from_the_drivers_report()
    {
        Directory.CreateDirectory(_folder.File("proc/driver/nvidia/gpus/0000:01:00.0"));
        File.WriteAllText(_folder.File("proc/driver/nvidia/gpus/0000:01:00.0/information"), "Model: \t\t NVIDIA RTX 4000\nIRQ: 1\n");
        File.WriteAllText(_folder.File("proc/driver/nvidia/version"), "NVRM version: NVIDIA UNIX 550.54\nGCC version: 12\n");
        var device = NvidiaDevice.Read(_folder.Path);
        Assert.Equal(("NVIDIA RTX 4000", "NVRM version: NVIDIA UNIX 550.54"), (device.Gpu, device.Driver));
        Assert.Equal("none", NvidiaDevice.Read(_folder.File("proc")).Gpu);
    }

    private EngineCache Build(EngineIdentity identity)
    {
        var cache = EngineCache.Open(_folder.Path, identity);
        File.WriteAllText(Path.Combine(cache.Folder, "x.engine"), "whole");
        cache.Finish();
        return cache;
    }
}
