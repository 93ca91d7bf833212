using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>Learning takes short cuts: features are kept for the calibration, and of most held-out images only the score is computed.</summary>
public sealed class CertifiedLearningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Encoder _encoder;
    private readonly List<string> _images;

    public CertifiedLearningTests()
    {
        _encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        _images = [.. Enumerable.Range(0, 26).Select(Write)];
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    [InlineData(100_000)] // some images
    public void Scores_and_threshold_are_those_of_whole_maps(long keptBytes)
    {
        var whole = Learn(request => request with { Certified = false, KeptBytes = 0 });

        var certified = Learn(request => request with { KeptBytes = keptBytes });

        Assert.Equal(whole.Scores, certified.Scores);
        Assert.Equal(whole.Threshold, certified.Threshold);
        Assert.NotEqual(whole.PixelMean, certified.PixelMean);
        Assert.InRange(certified.PixelMean, 0.8 * whole.PixelMean, 1.25 * whole.PixelMean);
        Assert.InRange(certified.PixelStd, 0.8 * whole.PixelStd, 1.25 * whole.PixelStd);
    }

    [Fact]
    public void Kept_features_are_those_of_the_images()
    {
        var encodedTwice = Learn(request => request with { Certified = false, KeptBytes = 0 });

        var kept = Learn(request => request with { Certified = false });

        Assert.Equal((encodedTwice.PixelMean, encodedTwice.PixelStd), (kept.PixelMean, kept.PixelStd));
        Assert.Equal(encodedTwice.Scores, kept.Scores);
    }

    [Fact]
    public void A_threshold_of_all_pixels_is_computed_from_all_of_them()
    {
        var whole = Learn(request => request with { Certified = false, Rule = ThresholdRule.MeanPlus3Std });

        var certified = Learn(request => request with { Rule = ThresholdRule.MeanPlus3Std });

        Assert.Equal((whole.PixelMean, whole.PixelStd, whole.Threshold), (certified.PixelMean, certified.PixelStd, certified.Threshold));
    }

    private Calibration Learn(Func<LearnRequest, LearnRequest> change) => new BankLearner(_encoder, TimeProvider.System).Learn(
        change(new LearnRequest { Images = _images, Id = "parts", Created = DateTimeOffset.UnixEpoch, Options = new MrfAdOptions { Scales = [0.5, 1], MinSide = 16, RowsPerBank = 400 }, Threads = 1 }),
        _folder.File("parts.mrfbank"), null, CancellationToken.None).Description.Calibration;

    /// <summary>Writes a good part: stripes with noise.</summary>
    private string Write(int seed)
    {
        var random = new Random(seed);
        using var image = new Image(64, 48, 3);
        for (var i = 0; i < image.Bytes.Length; i++)
            image.Bytes[i] = (byte)(100 + (i / 3 % 8 * 10) + random.Next(20));
        var path = _folder.File($"{seed:00}.png");
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
