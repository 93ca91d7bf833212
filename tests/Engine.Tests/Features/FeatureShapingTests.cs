using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Features;

public sealed class FeatureShapingTests
{
    [Theory]
    [InlineData(FeatureLayout.PatchesFirst)]
    [InlineData(FeatureLayout.ChannelsFirst)]
    public void A_pooled_feature_is_the_mean_of_the_neighbours_that_exist(FeatureLayout layout)
    {
        // A grid of 3 × 2 patches; the first channel counts the patches, the second is ten times that.
        var shaped = Shape(new MrfAdOptions { PoolSide = 3 }, layout, 3, 2, patch => [patch, 10 * patch]);
        Assert.Equal([(0 + 1 + 3 + 4) / 4f, 10 * (0 + 1 + 3 + 4) / 4f], shaped[0]);
        Assert.Equal([(0 + 1 + 2 + 3 + 4 + 5) / 6f, 25f], shaped[4]);
    }

    [Theory]
    [InlineData(FeatureLayout.PatchesFirst)]
    [InlineData(FeatureLayout.ChannelsFirst)]
    public void A_normalised_feature_has_length_one_and_zeros_stay_zeros(FeatureLayout layout)
    {
        var shaped = Shape(new MrfAdOptions { Normalise = true }, layout, 2, 1, patch => patch == 0 ? [3, 4] : [0, 0]);
        Assert.Equal([0.6f, 0.8f], shaped[0]);
        Assert.Equal([0f, 0f], shaped[1]);
    }

    private static float[][] Shape(MrfAdOptions options, FeatureLayout layout, int width, int height, Func<int, float[]> patch)
    {
        var vectors = Enumerable.Range(0, width * height).Select(patch).ToArray();
        float[] values = layout == FeatureLayout.PatchesFirst
            ? [.. vectors.SelectMany(v => v)]
            : [.. Enumerable.Range(0, vectors[0].Length).SelectMany(k => vectors.Select(v => v[k]))];
        var shaped = new BranchShaping(options, null).Of(_ => new PatchFeatures(width, height, vectors[0].Length, layout, values))(0);
        foreach (var (vector, i) in vectors.Select((v, i) => (v, i)))
            shaped.CopyPatch(i, vector);
        return vectors;
    }
}
