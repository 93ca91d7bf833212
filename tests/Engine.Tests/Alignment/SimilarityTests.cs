using MrfAd.Engine.Alignment;

namespace MrfAd.Engine.Tests.Alignment;

public sealed class SimilarityTests
{
    [Fact]
    public void A_positive_angle_is_clockwise_as_the_image_is_seen()
    {
        var quarter = Similarity.About((10, 10), (10, 10), 90);

        var (x, y) = quarter.Map(20, 10);

        Assert.Equal((10, 20), (x, y), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9);
        Assert.Equal(90, quarter.Angle, 9);
    }

    [Fact]
    public void A_point_goes_there_and_back()
    {
        var there = Similarity.About((30, 40), (25, 60), 200, 1.1);

        var (x, y) = there.Then(there.Inverse()).Map(7, 9);

        Assert.Equal(7, x, 9);
        Assert.Equal(9, y, 9);
        Assert.Equal(1.1, there.Scale, 9);
        Assert.Equal(-160, there.Angle, 9);
    }

    [Fact]
    public void Between_images_of_twice_the_side_all_distances_are_twice_as_long()
    {
        var transform = Similarity.About((30, 40), (25, 60), 33);

        var (x, y) = transform.Map(11, 12);
        var (twiceX, twiceY) = transform.Resized(2).Map(22, 24);

        Assert.Equal((2 * x, 2 * y), (twiceX, twiceY), (a, b) => double.Hypot(a.Item1 - b.Item1, a.Item2 - b.Item2) < 1e-9);
    }
}
