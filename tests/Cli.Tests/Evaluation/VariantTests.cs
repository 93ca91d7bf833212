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

    [Fact]
    public void Shapes_of_features_are_combined_too()
    {
        var variants = Variant.Of([.. from scale in new[] { 0.3, 0.5 } from shape in new[] { "plain", "unit", "w96" } select new MapName("9", scale, shape)]);

        Assert.Equal(
            ["all", "scale 0.3", "scale 0.5", "shape plain", "shape unit", "shape w96", "shapes plain and unit", "shapes plain and w96", "shapes unit and w96"], variants.Select(v => v.Name));
        Assert.Equal([0, 1, 3, 4], variants.Single(v => v.Name == "shapes plain and unit").Maps);
        Assert.Equal([3, 4, 5], variants.Single(v => v.Name == "scale 0.5").Maps);
    }

    [Fact]
    public void Layers_at_scales_have_all_their_shapes()
    {
        var variants = Variant.Of([.. from scale in new[] { 0.3, 0.5 } from layer in new[] { "7", "9" } from shape in new[] { "plain", "unit" } select new MapName(layer, scale, shape)]);

        Assert.Equal(1 + 2 + 2 + 4 + 2, variants.Count);
        Assert.Equal([6, 7], variants.Single(v => v.Name == "9 at 0.5").Maps);
    }

    private static IReadOnlyList<Variant> Of(int[] layers, double[] scales) =>
        Variant.Of([.. from scale in scales from layer in layers select new MapName($"{layer}", scale)]);
}
