using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>One generated crop: a ground, up to four parts on it, up to three defects, light, lens.</summary>
public static class Scene
{
    /// <param name="crop">The crop to fill, [256, 256, 3]; it is the same for the same seed.</param>
    public static void Paint(int seed, Span<byte> crop)
    {
        var dice = new SeededRandom(seed);
        var ground = new Material(dice.Of<MaterialKind>(), dice);
        var light = new Light(dice);
        var lens = new Lens(dice);
        var parts = Enumerable.Range(0, dice.Whole(5)).Select(_ => new Part(dice, incomplete: dice.Chance(0.3))).ToList();
        var defects = Enumerable.Range(0, Math.Max(0, dice.Whole(6) - 2)).Select(_ => new Defect(dice.Of<DefectKind>(), dice)).ToList();
        Paint(ground, parts, defects, light, lens, crop);
    }

    public static void Paint(Material ground, IReadOnlyList<Part> parts, IReadOnlyList<Defect> defects, Light light, Lens lens, Span<byte> crop)
    {
        var canvas = new Canvas();
        var seen = new Vector3[Canvas.Side * Canvas.Side];
        for (var i = 0; i < seen.Length; i++)
        {
            var place = new Vector2(i % Canvas.Side, i / Canvas.Side);
            var texel = ground.At(place);
            foreach (var part in parts)
                texel = part.Over(texel, place, light.Shadow);
            foreach (var defect in defects)
                texel = defect.Over(texel, place);
            canvas[i % Canvas.Side, i / Canvas.Side] = texel;
        }

        for (var i = 0; i < seen.Length; i++)
            seen[i] = light.On(canvas, i % Canvas.Side, i / Canvas.Side);
        lens.Take(seen, crop);
    }
}
