using System.Text.Json;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Metrics;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Metrics;

/// <summary>Larger cases (ties, corners, not square) whose figures were checked against MVTec's evaluation code and scikit-learn.</summary>
public sealed class GoldenMetricsTests
{
    [Theory]
    [InlineData("smooth")]
    [InlineData("ties")]
    [InlineData("tall")]
    public void All_figures_agree_to_1e8(string name)
    {
        var folder = SharedFolder.Require("golden/metrics");
        var (maps, shape) = Npy.Read<float>(Path.Combine(folder, $"{name}_maps.npy"));
        var (masks, _) = Npy.Read<byte>(Path.Combine(folder, $"{name}_masks.npy"));
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var figures = Figures(maps, masks, shape);
        foreach (var wanted in expected.RootElement.GetProperty(name).EnumerateObject())
            Assert.True(Math.Abs(wanted.Value.GetDouble() - figures[wanted.Name]) < 1e-8, $"{name} {wanted.Name}: want {wanted.Value.GetDouble()}, got {figures[wanted.Name]}");
    }

    private static Dictionary<string, double> Figures(float[] maps, byte[] masks, int[] shape)
    {
        var (count, height, width) = (shape[0], shape[1], shape[2]);
        var pixels = new PixelScores();
        var images = Enumerable.Range(0, 2).Select(_ => (Ok: new List<float>(), Defect: new List<float>())).ToArray();
        for (var i = 0; i < count; i++)
        {
            var map = new AnomalyMap(width, height, maps[(i * width * height)..((i + 1) * width * height)]);
            var mask = masks.AsSpan(i * width * height, width * height);
            pixels.Add(map.Scores, mask, width);
            var defective = mask.ContainsAnyExcept((byte)0);
            (defective ? images[0].Defect : images[0].Ok).Add(ImageScore.Max(map));
            (defective ? images[1].Defect : images[1].Ok).Add(ImageScore.TopPercent(map));
        }

        var curve = pixels.ToCurve("golden");
        var figures = new Dictionary<string, double> { ["pixel_auroc"] = curve.AuRoc(), ["pixel_ap"] = curve.AveragePrecision(), ["pixel_best_f1"] = curve.BestF1() };
        foreach (var limit in new[] { 0.05, 0.3 })
        {
            figures[$"au_pro_{limit}"] = curve.AuPro(limit);
            figures[$"au_roc_{limit}_plain"] = curve.AuRoc(limit);
            figures[$"au_roc_{limit}_mcclish"] = curve.AuRocMcClish(limit);
        }

        foreach (var (name, scores) in new[] { ("max", images[0]), ("top1pct", images[1]) })
        {
            var image = ScoreCurve.Of([.. scores.Ok], [.. scores.Defect]);
            figures[$"image_auroc_{name}"] = image.AuRoc();
            figures[$"image_ap_{name}"] = image.AveragePrecision();
            figures[$"image_best_f1_{name}"] = image.BestF1();
        }

        return figures;
    }
}
