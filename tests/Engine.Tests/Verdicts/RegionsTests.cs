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

    private static IReadOnlyList<Region> Find(int width, float threshold, params string[] rows) =>
        Regions.Find(new AnomalyMap(width, rows.Length, [.. string.Concat(rows).Select(c => c == '#' ? 1f : 0f)]), threshold);
}
