using MrfAd.Cli.Evaluation;

namespace MrfAd.Cli.Tests.Evaluation;

public sealed class VariantTests
{
    [Fact]
    public void Three_layers_at_five_scales_give_the_papers_tables()
    {
        var variants = Of([7, 9, 11], [0.3, 0.4, 0.5, 0.6, 0.7]);
        Assert.Equal(1 + 5 + 3 + 15, variants.Count);
        Assert.Equal((Variant.Fused, 15), (variants[0].Name, variants[0].Maps.Count));
        Assert.Equal([3, 4, 5], variants.Single(v => v.Name == "scale 0.4").Maps);
        Assert.Equal([2, 5, 8, 11, 14], variants.Single(v => v.Name == "layer 11").Maps);
        Assert.Equal([7], variants.Single(v => v.Name == "9 at 0.5").Maps);
    }

    [Fact]
    public void What_would_be_the_same_combination_again_is_left_out()
    {
        Assert.Equal(["all", "scale 0.3", "scale 0.5"], Of([9], [0.3, 0.5]).Select(v => v.Name));
        Assert.Equal(["all", "layer 7", "layer 9"], Of([7, 9], [0.5]).Select(v => v.Name));
        Assert.Equal(["all"], Variant.Of(ForeignMaps.Names).Select(v => v.Name));
    }

    private static IReadOnlyList<Variant> Of(int[] layers, double[] scales) =>
        Variant.Of([.. from scale in scales from layer in layers select new MapName($"{layer}", scale)]);
}
