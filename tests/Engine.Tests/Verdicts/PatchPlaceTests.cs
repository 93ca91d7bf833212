using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class PatchPlaceTests
{
    [Fact]
    public void A_patch_s_rectangle_is_where_its_place_in_the_grid_is()
    {
        Assert.Equal(new PatchPlace(0, 0, 10, 20), PatchPlace.InGrid(0, columns: 3, rows: 2, width: 30, height: 40));
        Assert.Equal(new PatchPlace(20, 20, 10, 20), PatchPlace.InGrid(5, columns: 3, rows: 2, width: 30, height: 40));
    }

    [Fact]
    public void Patches_cover_an_image_that_they_do_not_divide_evenly_without_gap_or_overlap()
    {
        var covered = new int[17 * 11];
        for (var patch = 0; patch < 5 * 4; patch++)
        {
            var place = PatchPlace.InGrid(patch, columns: 5, rows: 4, width: 17, height: 11);
            for (var i = 0; i < place.Width * place.Height; i++)
                covered[((place.Y + (i / place.Width)) * 17) + place.X + (i % place.Width)]++;
        }

        Assert.All(covered, count => Assert.Equal(1, count));
    }

    [Fact]
    public void An_image_of_a_hundred_thousand_pixels_a_side_has_its_last_patch_at_its_end()
    {
        Assert.Equal(new PatchPlace(99_990, 99_990, 10, 10), PatchPlace.InGrid((10_000 * 10_000) - 1, columns: 10_000, rows: 10_000, width: 100_000, height: 100_000));
    }
}
