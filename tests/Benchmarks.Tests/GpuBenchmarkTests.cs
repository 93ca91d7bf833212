using System.Text.Json;
using MrfAd.Benchmarks.Gpu;
using MrfAd.Engine.Features;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Tests;

/// <summary>Runs the GPU benchmark on this machine; without a GPU, the CPU takes its place.</summary>
public sealed class GpuBenchmarkTests : IDisposable
{
    private static readonly GpuOptions Small = new() { Scales = [0.1, 0.2], Rows = 1100, SearchRows = 2048, SearchQueries = 64, TransformerBlocks = 1, Repetitions = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_encoder_is_compared_at_every_scale_and_frames_and_search_are_timed()
    {
        var report = Run();

        Assert.True(report.ExitCode == 0, report.ToString());
        foreach (var encoder in new[] { "mrfad-encoder", "tiny", "dinov2-vit-s-random-fp32" })
            Assert.Equal(Small.Scales, report.Views.Where(v => v.Encoder == encoder).Select(v => v.Scale).Distinct().Order());
        Assert.Equal(["mrfad-encoder", "tiny"], report.Frames.Select(f => f.Encoder).Distinct());
        Assert.All(report.Frames, f => Assert.True(f.TotalMs > 0 && f.Banks > 0));
        Assert.NotNull(report.Search);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("results/gpu.json")));
        Assert.Equal(report.Views.Count, json.RootElement.GetProperty("views").GetArrayLength());
        Assert.EndsWith("passed\n", File.ReadAllText(_folder.File("results/gpu.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_that_cannot_be_run_fails_the_run_by_name_and_leaves_the_other_results()
    {
        var data = GpuData.Prepare(_folder.File("data"), null, [TinyEncoder.Write(_folder.Path)], new MrfAdOptions { Scales = Small.Scales });
        File.WriteAllText(_folder.File("data/encoders/tiny.onnx"), "no model");

        var report = new GpuBenchmark(data, Small with { TransformerBlocks = 0 }, TextWriter.Null).Run(_folder.File("results"));

        Assert.Equal(1, report.ExitCode);
        Assert.Contains(report.Failures, f => f.Contains("tiny", StringComparison.Ordinal));
        Assert.Contains(report.Views, v => v.Encoder == "mrfad-encoder");
        Assert.NotNull(report.Search);
    }

    [Fact]
    public void A_provider_whose_features_are_off_fails_the_run()
    {
        var good = new Parity(1e-3, 2e-3);
        var view = new ViewResult("tiny", 0.5, "64x64", "cuda", 0, 1, 1, 0, good, Parity.Fp32Tolerance);
        var report = new GpuReport("", "", [], [view], [], null, []);
        Assert.Equal(0, report.ExitCode);
        foreach (var off in new[] { good with { RelativeL2 = 6e-3 }, good with { RelativeMax = 3e-2 }, good with { RelativeL2 = double.NaN } })
        {
            var failed = report with { Views = [view, view with { Parity = off }] };
            Assert.Equal(1, failed.ExitCode);
            Assert.StartsWith("tiny at 64x64 on cuda: off by ", Assert.Single(failed.Failures), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parity_is_the_difference_beside_the_values()
    {
        var parity = Parity.Of([3, 4, 0], [3, 4.5f, 0]);
        Assert.Equal(0.1, parity.RelativeL2, 1e-9);
        Assert.Equal(0.125, parity.RelativeMax, 1e-9);
        Assert.False(Parity.Of([1, 1], [1, float.NaN]).IsWithin(1));
    }

    private GpuReport Run() =>
        new GpuBenchmark(GpuData.Prepare(_folder.File("data"), null, [TinyEncoder.Write(_folder.Path)], new MrfAdOptions { Scales = Small.Scales }), Small, TextWriter.Null).Run(_folder.File("results"));
}
