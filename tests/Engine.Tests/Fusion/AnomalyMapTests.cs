using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Tests.Fusion;

public sealed class AnomalyMapTests
{
    [Fact]
    public void Scores_are_read_row_by_row()
    {
        var map = new AnomalyMap(3, 2, [1, 2, 3, 4, 5, 6]);
        Assert.Equal((3, 2), (map.Width, map.Height));
        Assert.Equal([1f, 2f, 3f], map.Row(0).ToArray());
        Assert.Equal([4f, 5f, 6f], map.Row(1).ToArray());
    }

    [Fact]
    public void Scores_that_are_too_few_or_too_many_are_refused_with_their_number()
    {
        var error = Assert.Throws<ArgumentException>(() => new AnomalyMap(3, 2, new float[5]));
        Assert.StartsWith("a 3x2 map has 6 scores, got 5", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AnomalyMap(3, 2, new float[7]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, -1)]
    public void A_map_without_a_pixel_is_none(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyMap(width, height, new float[Math.Abs(width * height)]));

    [Fact]
    public void A_map_larger_than_an_array_can_be_is_refused() => Assert.Throws<OverflowException>(() => new AnomalyMap(1 << 16, 1 << 16));
}
