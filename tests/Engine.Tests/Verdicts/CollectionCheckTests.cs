using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class CollectionCheckTests
{
    private readonly CollectionCheck _check = new();

    [Fact]
    public void A_picture_with_less_than_half_the_median_light_or_sharpness_has_a_fault()
    {
        AddUsual(5);

        Assert.Null(_check.Add(Picture(brightness: 0.21, sharpness: 0.51)));
        Assert.Equal(new ImageFault(ImageFaultKind.Dark, 0.19, 0.2), _check.Add(Picture(brightness: 0.19)));
        Assert.Equal(new ImageFault(ImageFaultKind.Blurred, 0.49, 0.5), _check.Add(Picture(sharpness: 0.49)));
    }

    [Fact]
    public void A_picture_that_is_white_by_a_quarter_of_what_is_left_has_a_fault()
    {
        AddUsual(5);

        Assert.Null(_check.Add(Picture(saturated: 0.39)));
        Assert.Equal(ImageFaultKind.BlownOut, _check.Add(Picture(saturated: 0.41))?.Kind);
    }

    [Fact]
    public void Before_there_is_a_median_only_black_and_white_pictures_have_a_fault()
    {
        AddUsual(3);

        Assert.Null(_check.Add(Picture(brightness: 0.03, saturated: 0.8, sharpness: 0.1)));
        // This one is the fifth, and is compared with four.
        Assert.Equal(ImageFaultKind.Dark, _check.Add(Picture(brightness: 0.01))?.Kind);
        Assert.Equal(ImageFaultKind.BlownOut, new CollectionCheck().Add(Picture(saturated: 0.95))?.Kind);
    }

    [Fact]
    public void The_first_pictures_can_be_compared_with_those_that_came_later()
    {
        Assert.Null(_check.Add(Picture(sharpness: 0.2)));
        AddUsual(5);

        Assert.Equal(ImageFaultKind.Blurred, _check.FaultOf(brightness: 0.4, saturated: 0.2, sharpness: 0.2)?.Kind);
    }

    [Fact]
    public void A_minority_of_bad_pictures_does_not_move_the_limits()
    {
        AddUsual(5);
        for (var i = 0; i < 4; i++)
            Assert.NotNull(_check.Add(Picture(sharpness: 0.1)));

        Assert.Null(_check.Add(Picture()));
        Assert.NotNull(_check.Add(Picture(sharpness: 0.45)));
    }

    private void AddUsual(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.Null(_check.Add(Picture()));
    }

    private static ImageStatistics Picture(double brightness = 0.4, double saturated = 0.2, double sharpness = 1) => new(brightness, saturated, sharpness, [], []);
}
