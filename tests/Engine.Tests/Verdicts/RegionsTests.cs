using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class RegionsTests
{
    [Fact]
    public void Pixels_that_touch_by_a_corner_are_one_region()
    {
        var region = Assert.Single(Find(4, 0.5f,
            "#...",
            ".#..",
            "..##"));
        Assert.Equal(new Region(0, 0, 4, 3, 4, 1f), region);
    }

    [Fact]
    public void A_ring_and_its_middle_are_two_regions()
    {
        var regions = Find(5, 0.5f,
            "#####",
            "#...#",
            "#.#.#",
            "#...#",
            "#####");
        Assert.Equal([16, 1], regions.Select(r => r.Area).OrderDescending());
    }

    [Fact]
    public void Arms_that_meet_further_down_are_one_region()
    {
        Assert.Equal(7, Assert.Single(Find(5, 0.5f,
            "#...#",
            "#...#",
            ".###.")).Area);
    }

    [Fact]
    public void A_pixel_exactly_at_the_threshold_belongs_to_the_region()
    {
        Assert.Single(Regions.Find(new AnomalyMap(1, 1, [0.5f]), 0.5f));
    }

    [Fact]
    public void The_worst_region_comes_first()
    {
        var regions = Regions.Find(new AnomalyMap(5, 1, [.6f, 0, .9f, 0, .7f]), 0.5f);
        Assert.Equal([.9f, .7f, .6f], regions.Select(r => r.Score));
    }

    [Fact]
    public void A_region_s_box_holds_all_its_pixels_and_no_more()
    {
        var region = Assert.Single(Find(6, 0.5f,
            "......",
            "...##.",
            ".###..",
            ".#...."));
        Assert.Equal(new Region(1, 1, 4, 3, 6, 1f), region);
    }

    [Fact]
    public void A_region_scores_its_highest_pixel_whichever_row_it_is_in()
    {
        var map = new AnomalyMap(3, 3, [.6f, .7f, 0, 0, .9f, .8f, 0, .55f, 0]);
        Assert.Equal(.9f, Assert.Single(Regions.Find(map, 0.5f)).Score);
    }

    [Fact]
    public void Rows_end_at_the_border_and_do_not_touch_the_next_row_s_beginning()
    {
        Assert.Equal(2, Find(4, 0.5f,
            "...#",
            "....",
            "#...").Count);
        Assert.Equal(2, Find(4, 0.5f,
            "...#",
            "#...").Count);
    }

    [Fact]
    public void Regions_beside_each_other_are_told_apart_though_others_join_above()
    {
        var regions = Find(9, 0.5f,
            "#.#...#.#",
            "###...###",
            "....#....");
        Assert.Equal([5, 5, 1], regions.Select(r => r.Area).OrderDescending());
    }

    [Fact]
    public void Of_more_regions_than_wanted_the_worst_are_given()
    {
        var map = new AnomalyMap(200, 1, [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 1 + i : 0f)]);
        Assert.Equal([199f, 197f], Regions.Find(map, 0.5f, maxRegions: 2).Select(r => r.Score));
        Assert.Equal(64, Regions.Find(map, 0.5f).Count);
    }

    [Fact]
    public void Below_the_threshold_there_is_none() => Assert.Empty(Regions.Find(new AnomalyMap(2, 1, [.4f, .3f]), 0.5f));

    private static IReadOnlyList<Region> Find(int width, float threshold, params string[] rows) =>
        Regions.Find(new AnomalyMap(width, rows.Length, [.. string.Concat(rows).Select(c => c == '#' ? 1f : 0f)]), threshold);
}
