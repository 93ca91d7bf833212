using MrfAd.Engine.Fusion;
using MrfAd.Engine.Search;
using MrfAd.Engine.Tests.Search;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Golden;

/// <summary>The path from patches to a region, in numbers that can be followed on paper and are exact in fp32.</summary>
public sealed class HandComputedMapTests
{
    [Fact]
    public void Four_patches_become_distances_a_map_and_one_region()
    {
        // Differences of (0, 0), (3, 4), (0, 3) and (12, 5): Pythagorean, so distances are whole.
        using var bank = TestRows.Store([0, 0, 6, 8, 0, 10], 2, RowPrecision.Fp32);
        var (distances, nearest) = bank.Search([0, 0, 9, 12, 0, 7, 18, 13], FeatureLayout.PatchesFirst, workers: 1);
        Assert.Equal([0f, 5f, 3f, 13f], distances);
        Assert.Equal([0, 1, 2, 1], nearest);

        // Twice as large by bilinear interpolation (weights 1/4 and 3/4, edges held), then the mean with a map of ones.
        var map = new MapFusion([(2, 2), (1, 1)], 4, 4).Fuse([distances, [1f]]);
        float[] interpolated =
        [
            0, 1.25f, 3.75f, 5,
            0.75f, 2.3125f, 5.4375f, 7,
            2.25f, 4.4375f, 8.8125f, 11,
            3, 5.5f, 10.5f, 13,
        ];
        Assert.Equal(interpolated.Select(v => (v + 1) / 2), map.Scores.ToArray());

        Assert.Equal(new Region(1, 0, 3, 4, 8, 7f), Assert.Single(Regions.Find(map, 3f)));
        Assert.Empty(Regions.Find(map, 7.001f));
    }
}
