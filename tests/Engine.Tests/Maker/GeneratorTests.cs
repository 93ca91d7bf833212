using System.Numerics;
using MrfAd.Maker;
using MrfAd.Maker.Generator;

namespace MrfAd.Engine.Tests.Maker;

public sealed class GeneratorTests
{
    [Fact]
    public void The_same_seed_paints_the_same_crop_and_another_seed_another()
    {
        Assert.Equal(Painted(7), Painted(7));
        Assert.NotEqual(Painted(7), Painted(8));
    }

    [Theory]
    [EveryKind<MaterialKind>]
    public void Every_material_has_something_to_be_seen(MaterialKind kind)
    {
        var crop = new byte[CropFile.Bytes];
        var dice = new SeededRandom((int)kind);
        Scene.Paint(new Material(kind, dice), [], [], new Light(dice), new Lens(dice), crop);
        Assert.True(crop.Distinct().Count() > 8, $"{kind}: {crop.Distinct().Count()} grey levels");
    }

    [Theory]
    [EveryKind<ShapeKind>]
    public void Every_outline_has_an_inside_and_an_outside(ShapeKind kind)
    {
        var shape = new Shape(kind, new Vector2(50, 50), 20, 0.5f, 0.3f, 5, 3, 4);
        var distances = Enumerable.Range(0, 10_000).Select(i => shape.Distance(new Vector2(i % 100, i / 100))).ToList();
        Assert.InRange(distances.Count(d => d < 0), 300, 3000);
        Assert.Equal(0, shape.Height(1));
        Assert.Equal(4, shape.Height(-3), 1e-4f);
    }

    [Theory]
    [EveryKind<DefectKind>]
    public void Every_defect_changes_its_place_and_no_other(DefectKind kind)
    {
        var before = new Texel(new Vector3(0.5f, 0.4f, 0.3f), 1.3f, 0.2f);
        var most = 0;
        for (var seed = 0; seed < 8; seed++)
        {
            var defect = new Defect(kind, new SeededRandom(seed));
            var changed = Enumerable.Range(0, Canvas.Side * Canvas.Side).Count(i => defect.Over(before, new Vector2(i % Canvas.Side, i / Canvas.Side)) != before);
            Assert.InRange(changed, 0, 30_000);
            most = Math.Max(most, changed);
        }

        Assert.True(most > 20, $"{kind}: at most {most} px changed");
    }

    private static byte[] Painted(int seed)
    {
        var crop = new byte[CropFile.Bytes];
        Scene.Paint(seed, crop);
        return crop;
    }
}
