using FsCheck.Xunit;
using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Tests.Fusion;

public sealed class MapFusionTests
{
    [Fact]
    public void A_map_counts_by_its_weight()
    {
        var fusion = new MapFusion([(1, 1), (1, 1)], 3, 2) { Weights = [0.5f, 3] };

        Assert.All(fusion.Fuse([[2f], [4f]]).Scores.ToArray(), score => Assert.Equal((1 + 12) / 2f, score));
        Assert.All(fusion.Update(new PixelRun(1, 0, 3)).ToArray(), score => Assert.Equal((1 + 12) / 2f, score));
    }

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_next_image_s_map_holds_nothing_of_the_last_one(bool parallel)
    {
        var fusion = new MapFusion([(2, 1)], 4, 70, parallel);
        fusion.Fuse([[8f, 8f]]);
        Assert.All(fusion.Fuse([[1f, 1f]]).Scores.ToArray(), s => Assert.Equal(1f, s));
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(2049)]
    public void A_map_may_be_wide(int width)
    {
        float[] scores = [.. Enumerable.Range(0, width).Select(i => (float)i)];
        Assert.Equal(scores, new MapFusion([(width, 1)], width, 1).Fuse([scores]).Scores.ToArray());
    }

    /// <param name="maps">Width, height and seed of the scores of each.</param>
    [Property(Replay = "1,1", MaxTest = 300)]
    public void Any_maps_fuse_to_the_mean_of_what_the_scalar_definition_makes_of_each((byte Width, byte Height, int Seed)[] maps, byte width, byte height, bool parallel)
    {
        if (maps.Length == 0)
            return;
        var (w, h) = (1 + (width % 80), 1 + (height % 80));
        var sizes = maps.Select(m => (Width: 1 + (m.Width % 50), Height: 1 + (m.Height % 50))).ToList();
        var scores = maps.Select((m, i) => Scores(m.Seed, sizes[i].Width * sizes[i].Height)).ToList();

        var fused = new MapFusion(sizes, w, h, parallel).Fuse(scores);

        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
                Assert.Equal(maps.Select((_, i) => Bilinear(scores[i], sizes[i], (x + 0.5) * sizes[i].Width / w, (y + 0.5) * sizes[i].Height / h)).Average(), fused.Scores[(y * w) + x], 1e-5);
        }
    }

    private static float[] Scores(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
    }

    /// <summary>The definition, at a place whose pixel centres lie at i + 0.5 and whose edges are held.</summary>
    private static double Bilinear(float[] scores, (int Width, int Height) size, double x, double y)
    {
        var (left, right, across) = Between(x, size.Width);
        var (top, bottom, down) = Between(y, size.Height);
        return (Row(top) * (1 - down)) + (Row(bottom) * down);

        double Row(int row) => (scores[(row * size.Width) + left] * (1 - across)) + (scores[(row * size.Width) + right] * across);

        static (int Lower, int Upper, double Share) Between(double at, int count)
        {
            var held = Math.Clamp(at - 0.5, 0, count - 1);
            var lower = (int)held;
            return (lower, Math.Min(lower + 1, count - 1), held - lower);
        }
    }
}
