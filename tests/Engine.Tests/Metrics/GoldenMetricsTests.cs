using System.Text.Json;
using MrfAd.Engine.Metrics;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Metrics;

/// <summary>Larger cases (ties, corners, not square) whose metrics were checked against MVTec's evaluation code and scikit-learn.</summary>
public sealed class GoldenMetricsTests
{
    [Theory]
    [InlineData("smooth")]
    [InlineData("ties")]
    [InlineData("tall")]
    public void All_metrics_agree_to_1e8(string name)
    {
        var folder = SharedFolder.Require("golden/metrics");
        var (maps, shape) = Npy.Read<float>(Path.Combine(folder, $"{name}_maps.npy"));
        var (masks, _) = Npy.Read<byte>(Path.Combine(folder, $"{name}_masks.npy"));
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var metrics = Metrics(maps, masks, shape);
        foreach (var wanted in expected.RootElement.GetProperty(name).EnumerateObject())
            Assert.True(Math.Abs(wanted.Value.GetDouble() - metrics[wanted.Name]) < 1e-8, $"{name} {wanted.Name}: want {wanted.Value.GetDouble()}, got {metrics[wanted.Name]}");
    }

    private static Dictionary<string, double> Metrics(float[] maps, byte[] masks, int[] shape)
    {
        var (count, height, width) = (shape[0], shape[1], shape[2]);
        var size = width * height;
        var scored = Enumerable.Range(0, count).Select(i => (Scores: maps[(i * size)..((i + 1) * size)], Mask: masks[(i * size)..((i + 1) * size)])).ToArray();
        var good = scored.ToLookup(s => !s.Mask.AsSpan().ContainsAnyExcept((byte)0), s => s.Scores);
        var curve = PixelCurve.Of(new MapsInMemory(width, scored), "golden");
        var metrics = new Dictionary<string, double> { ["pixel_auroc"] = curve.AuRoc(), ["pixel_ap"] = curve.AveragePrecision, ["pixel_best_f1"] = curve.BestF1 };
        foreach (var limit in new[] { 0.05, 0.3 })
        {
            metrics[$"au_pro_{limit}"] = curve.AuPro(limit);
            metrics[$"au_roc_{limit}_plain"] = curve.AuRoc(limit);
            metrics[$"au_roc_{limit}_mcclish"] = curve.AuRocMcClish(limit);
        }

        foreach (var (name, score) in new (string, Func<float[], float>)[] { ("max", s => ImageScore.Max(s)), ("top1pct", s => ImageScore.TopPercent(s)) })
        {
            var image = ScoreCurve.Of(good[true].Select(score), good[false].Select(score), "golden");
            metrics[$"image_auroc_{name}"] = image.AuRoc();
            metrics[$"image_ap_{name}"] = image.AveragePrecision;
            metrics[$"image_best_f1_{name}"] = image.BestF1;
        }

        return metrics;
    }
}
