using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Tests.Masks;

public sealed class PartMaskTests
{
    [Fact]
    public void Area_and_centre_are_those_of_the_part()
    {
        var mask = Mask("....", ".##.", ".##.", "....");
        Assert.Equal(0.25, mask.Area);
        Assert.Equal((0.5, 0.5), mask.Centre());
        Assert.Equal((0.125, 0.375), Mask("....", "#...", "....", "....").Centre());
    }

    [Fact]
    public void A_cell_counts_where_there_is_any_of_the_part()
    {
        Assert.Equal([0, 3], Cells(Mask("#...", "....", "....", "...#"), 2, 2));
        Assert.Empty(Cells(Mask("....", "...."), 2, 2));
        // A grid finer than the mask: each pixel of the mask is several cells.
        Assert.Equal([2, 3, 6, 7], Cells(Mask(".#", ".."), 4, 4));
    }

    [Fact]
    public void Cells_of_a_grid_that_does_not_divide_the_mask_lose_no_pixel_of_the_part()
    {
        for (var at = 0; at < 7 * 5; at++)
        {
            var mask = new PartMask(7, 5);
            var likelihood = new float[35];
            likelihood[at] = 1;
            mask.Set(likelihood, 0.5f);
            Assert.NotEmpty(Cells(mask, 3, 2));
            Assert.NotEmpty(Cells(mask, 11, 9));
        }
    }

    [Fact]
    public void Background_that_the_part_encloses_becomes_part()
    {
        var mask = Mask(".....", ".###.", ".#.#.", ".###.", ".....");
        mask.FillHoles();
        Assert.Equal(".....\n.###.\n.###.\n.###.\n.....", Text(mask));
        var open = Mask("##.##", "#...#", "#####");
        open.FillHoles();
        Assert.Equal("##.##\n#...#\n#####", Text(open));
    }

    [Fact]
    public void The_part_grows_to_all_sides_and_not_over_the_border()
    {
        var mask = Mask("#....", ".....", ".....", "....#");
        mask.Grow(1);
        Assert.Equal("##...\n##...\n...##\n...##", Text(mask));
    }

    private static int[] Cells(PartMask mask, int columns, int rows)
    {
        var cells = new int[columns * rows];
        return cells[..mask.Cells(columns, rows, cells)];
    }

    private static PartMask Mask(params string[] rows)
    {
        var mask = new PartMask(rows[0].Length, rows.Length);
        mask.Set([.. string.Concat(rows).Select(c => c == '#' ? 1f : 0f)], 0.5f);
        return mask;
    }

    private static string Text(PartMask mask) =>
        string.Join('\n', Enumerable.Range(0, mask.Height).Select(y => string.Concat(mask.Part.Slice(y * mask.Width, mask.Width).ToArray().Select(p => p ? '#' : '.'))));
}
