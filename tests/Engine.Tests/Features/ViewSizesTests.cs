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

    /// <summary>The paper's table 5: MVTec AD 2's can, 1024×2232, has the size of the other objects.</summary>
    [Theory]
    [InlineData(2232, 1024, 5, 1.479)]
    [InlineData(4000, 3000, 3, 0.5)]
    [InlineData(400, 300, 5, 2 / 0.7)] // no view is more than twice the image
    public void An_image_has_the_wanted_area_before_the_scales(int width, int height, double megapixels, double factor)
    {
        var views = ViewSizes.Of(width, height, new MrfAdOptions { Scales = [0.3, 0.7], MinSide = 1, Megapixels = megapixels }, multiple: 1);

        Assert.All(views, v => Assert.Equal(factor, v.Factor / v.Scale, 1e-3));
        Assert.Equal([0.3, 0.7], views.Select(v => v.Scale));
    }

    /// <summary>The least side of the smallest view holds for reduced images too.</summary>
    [Fact]
    public void A_reduced_image_still_shows_details() =>
        Assert.Equal(96, ViewSizes.Of(1000, 800, new MrfAdOptions { Scales = [0.3, 0.7], Megapixels = 0.01 }, multiple: 1)[0].Height);

    [Fact]
    public void No_side_is_smaller_than_the_multiple()
    {
        Assert.Equal((16, 16), ViewSizes.Of(4, 4, new MrfAdOptions { Scales = [0.3], MinSide = 1 }, multiple: 16).Select(v => (v.Width, v.Height)).Single());
    }
}
