using MrfAd.Engine.Images;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Tests.Pages;

public sealed class MaskOutlineTests
{
    [Fact]
    public void A_rectangle_has_four_edges()
    {
        using var mask = Mask(8, 6, (2, 1), (3, 1), (4, 1), (2, 2), (3, 2), (4, 2));

        Assert.Equal("M2 1H5M2 3H5M2 1V3M5 1V3", MaskOutline.Trace(mask, margin: 0));
    }

    [Fact]
    public void A_mask_at_the_border_of_the_image_is_closed_there()
    {
        using var mask = Mask(2, 2, (0, 0), (1, 0), (0, 1), (1, 1));

        Assert.Equal("M0 0H2M0 2H2M0 0V2M2 0V2", MaskOutline.Trace(mask, margin: 0));
        Assert.Equal("M0 0H2M0 2H2M0 0V2M2 0V2", MaskOutline.Trace(mask, margin: 5));
    }

    [Fact]
    public void A_margin_keeps_the_outline_away_from_the_defect()
    {
        using var mask = Mask(9, 9, (4, 4));

        Assert.Equal("M4 3H5M3 4H4M5 4H6M3 5H4M5 5H6M4 6H5M3 4V5M4 3V4M4 5V6M5 3V4M5 5V6M6 4V5", MaskOutline.Trace(mask, margin: 1));
    }

    [Fact]
    public void Nothing_defective_has_no_outline()
    {
        using var mask = Mask(4, 4);

        Assert.Equal("", MaskOutline.Trace(mask, margin: 2));
    }

    private static Image Mask(int width, int height, params (int X, int Y)[] set)
    {
        var mask = new Image(width, height, 1);
        mask.Bytes.Clear();
        foreach (var (x, y) in set)
            mask.Bytes[(y * width) + x] = 255;
        return mask;
    }
}
