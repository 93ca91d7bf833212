using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class LearnedSizeTests
{
    [Fact]
    public void A_detector_of_one_size_wants_no_larger_images_and_says_why()
    {
        var limits = new LearnedSize("part", 6000, 4000, IsMixed: false, MaxPixels: null).Limits;
        Assert.Equal((24, "'part' learned images of 6000×4000 pixels"), (limits.MaxMegapixels, limits.Reason));
    }

    [Fact]
    public void One_of_mixed_sizes_wants_twice_the_largest_it_learned()
    {
        var limits = new LearnedSize("part", 10, 10, IsMixed: true, MaxPixels: 3_500_000).Limits;
        Assert.Equal((7, "'part' learned images of up to 3.5 megapixels"), (limits.MaxMegapixels, limits.Reason));
        Assert.Equal(ImageLimits.Default, new LearnedSize("part", 10, 10, IsMixed: true, MaxPixels: null).Limits);
    }

    [Fact]
    public void An_inspector_has_the_limits_of_what_it_learned_or_the_default()
    {
        var info = new InspectorInfo("part", 1, "", "", "", 1, new HeatmapScale(0, 1));
        Assert.Equal(ImageLimits.Default, info.Limits);
        var learned = new LearnedSize("part", 6000, 4000, IsMixed: false, MaxPixels: null);
        Assert.Equal(learned.Limits, (info with { Learned = learned }).Limits);
    }
}
