using System.Text;
using MrfAd.Cli.Commands;

namespace MrfAd.Cli.Tests.Commands;

public sealed class OverlayNamesTests
{
    [Fact]
    public void An_overlay_is_called_by_the_path_of_its_image_below_the_folder_that_holds_all()
    {
        var names = OverlayNames.Of(["/parts/broken/003.png", "/parts/good/003.png", "/parts/good/003.png"]);
        Assert.Equal(["broken-003.overlay.png", "good-003.overlay.png"], names.Values.Order());
        Assert.Equal("good-003.explain.png", OverlayNames.Sibling(names["/parts/good/003.png"], "explain"));
    }

    [Fact]
    public void Images_whose_overlays_would_share_a_name_have_one_each()
    {
        string[] paths = ["/p/a/b.png", "/p/a-b.png", "/p/a/b.jpg", "/p/A/B.png", "/p/c.png"];
        var names = OverlayNames.Of(paths);
        Assert.Equal(paths.Length, names.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal("c.overlay.png", names["/p/c.png"]);
        Assert.Equal(names, OverlayNames.Of([.. paths.Reverse()]));
    }

    [Theory]
    [InlineData("x", 250)]
    [InlineData("é", 125)]
    [InlineData("𝄞", 62)]
    public void The_name_of_a_long_one_fits_a_file_system(string letter, int count)
    {
        var long1 = string.Concat(Enumerable.Repeat(letter, count));
        var names = OverlayNames.Of([$"/p/{long1}1.png", $"/p/{long1}2.png"]);
        Assert.Equal(2, names.Values.Distinct().Count());
        Assert.All(names.Values, name => Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 220));
        Assert.All(names.Values, name => Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name))));
    }

    [Fact]
    public void Names_that_begin_or_end_with_dots_are_names()
    {
        var names = OverlayNames.Of(["/p/..a.png", "/p/...b/1.png", "/p/c..png"]);
        Assert.Equal(["...b-1.overlay.png", "..a.overlay.png", "c..overlay.png"], names.Values.Order(StringComparer.Ordinal));
    }
}
