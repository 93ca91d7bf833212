using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Tests.Fusion;

public sealed class MapFusionTests
{
    [Fact]
    public void Pixel_centres_lie_at_halves_and_edges_are_held()
    {
        var map = new MapFusion([(2, 1)], 4, 1).Fuse([[0f, 1f]]);
        Assert.Equal([0f, .25f, .75f, 1f], map.Scores.ToArray());
    }

    [Fact]
    public void A_map_of_the_full_size_stays_as_it_is()
    {
        float[] scores = [1, 2, 3, 4, 5, 6];
        Assert.Equal(scores, new MapFusion([(3, 2)], 3, 2).Fuse([scores]).Scores.ToArray());
    }

    [Fact]
    public void All_maps_weigh_the_same_whatever_their_size()
    {
        var map = new MapFusion([(1, 1), (5, 3)], 33, 70).Fuse([[2f], [.. Enumerable.Repeat(4f, 15)]]);
        Assert.All(map.Scores.ToArray(), s => Assert.Equal(3f, s, 1e-6f));
    }

    [Fact]
    public void A_linear_ramp_stays_linear_between_the_outer_centres()
    {
        float[] ramp = [.. Enumerable.Range(0, 8).Select(i => (float)i)];
        var map = new MapFusion([(8, 1)], 80, 1).Fuse([ramp]);
        for (var x = 5; x < 75; x++)
            Assert.Equal(((x + 0.5f) / 10) - 0.5f, map.Scores[x], 1e-5f);
    }
}
