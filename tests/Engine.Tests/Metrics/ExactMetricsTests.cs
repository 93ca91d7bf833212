using MrfAd.Engine.Metrics;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Metrics;

/// <summary>
/// Four images of 7 x 5 pixels with many equal scores and three defective regions. The expected metrics were computed from the definitions,
/// one threshold after another, in exact fractions.
/// </summary>
public sealed class ExactMetricsTests
{
    private const int Width = 7;
    private const int Size = 35;
    private const double Exact = 1e-12;

    [Theory]
    [InlineData(PixelCurve.MaxDefectsInMemory)]
    [InlineData(3)] // in ranges of scores
    public void Every_metric_over_pixels_is_the_fraction_of_its_definition(int maxDefectsInMemory)
    {
        var curve = PixelCurve.Of(new MapsInMemory(Width, [.. Enumerable.Range(0, 4).Select(Image)]), "exact", maxDefectsInMemory: maxDefectsInMemory);
        Assert.Equal(1397.0 / 1875, curve.AuRoc(), Exact);
        Assert.Equal(1415622261.0 / 3355536800, curve.AveragePrecision, Exact);
        Assert.Equal(8.0 / 19, curve.BestF1, Exact);
        Assert.Equal(7.0 / 36, curve.AuPro(0.05), Exact);
        Assert.Equal(218.0 / 675, curve.AuPro(0.3), Exact);
        Assert.Equal(4.0 / 15, curve.AuRoc(0.05), Exact);
        Assert.Equal(4.0 / 9, curve.AuRoc(0.3), Exact);
        Assert.Equal(73.0 / 117, curve.AuRocMcClish(0.05), Exact);
        Assert.Equal(103.0 / 153, curve.AuRocMcClish(0.3), Exact);
    }

    [Fact]
    public void An_image_scores_its_highest_pixel() =>
        Assert.Equal([0.875f, 1, 1.1875f, 1.25f], Enumerable.Range(0, 4).Select(i => ImageScore.Max(Image(i).Scores)));

    [Fact]
    public void The_lowest_pixel_is_found_whatever_its_sign()
    {
        Assert.Equal(-3f, ImageScore.Min([2f, -3f, 5f]));
        Assert.Equal(2f, ImageScore.Min([7f, 2f, 5f]));
        Assert.Equal(-2f, ImageScore.Max([-7f, -2f, -5f]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(99, 1)]
    [InlineData(199, 1)]
    [InlineData(200, 2)]
    [InlineData(1000, 10)]
    public void The_top_percent_is_the_mean_of_the_highest_hundredth_and_of_at_least_one(int pixels, int top)
    {
        var random = new Random(pixels);
        foreach (var step in (float[])[0.001f, 0.5f, 1e-7f]) // far apart, many equal, and all within one coarse step
        {
            float[] scores = [.. Enumerable.Range(0, pixels).Select(_ => 1 + (step * random.Next(-5000, 5000)))];
            Assert.Equal(scores.OrderDescending().Take(top).Average(s => (double)s), ImageScore.TopPercent(scores), 1e-4);
        }
    }

    private static (float[] Scores, byte[] Mask) Image(int image)
    {
        var mask = new byte[Size];
        for (var i = 0; i < Size; i++)
            mask[i] = IsDefective(image, i % Width, i / Width) ? (byte)1 : (byte)0;
        return ([.. Enumerable.Range(0, Size).Select(i => (((i * i * 7) + (i * 13) + (image * 29)) % 17 / 16f) + (mask[i] / 4f))], mask);
    }

    private static bool IsDefective(int image, int x, int y) => image switch
    {
        2 => (x is 1 or 2 && y is 1 or 2 or 3) || (x, y) == (5, 4),
        3 => x >= 3 && y < 2,
        _ => false,
    };
}
