using MrfAd.Engine.Features;

namespace MrfAd.Engine.Tests.Features;

public sealed class ViewSizesTests
{
    [Fact]
    public void A_large_image_is_scaled_as_the_paper_says()
    {
        var views = ViewSizes.Of(2100, 1520, new MrfAdOptions { Scales = [0.3, 0.7] }, multiple: 14);
        Assert.Equal([new View(0.3, 0.3, 630, 462), new View(0.7, 0.7, 1470, 1064)], views);
    }

    [Fact]
    public void The_views_of_a_small_image_all_grow_by_one_factor()
    {
        var views = ViewSizes.Of(400, 300, new MrfAdOptions { Scales = [0.3, 0.6], MinSide = 180 }, multiple: 1);
        Assert.Equal([2.0, 2.0], views.Select(v => v.Factor / v.Scale));
        Assert.Equal([(240, 180), (480, 360)], views.Select(v => (v.Width, v.Height)));
    }

    [Fact]
    public void No_view_is_more_than_twice_the_image()
    {
        var views = ViewSizes.Of(60, 50, new MrfAdOptions { Scales = [0.3, 0.7], MinSide = 500 }, multiple: 1);
        Assert.Equal(2, views[1].Factor, 1e-9);
    }

    [Fact]
    public void No_side_is_smaller_than_the_multiple()
    {
        Assert.Equal((16, 16), ViewSizes.Of(4, 4, new MrfAdOptions { Scales = [0.3], MinSide = 1 }, multiple: 16).Select(v => (v.Width, v.Height)).Single());
    }
}
