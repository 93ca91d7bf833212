using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>An object: an outline of one material, with features (holes, bosses, windows) of another in a ring or a row.</summary>
public sealed class Part
{
    private readonly Shape _body;
    private readonly Material _skin;
    private readonly Material _inlay;
    private readonly List<Shape> _features = [];

    /// <param name="incomplete">True to omit one of its features.</param>
    public Part(SeededRandom dice, bool incomplete)
    {
        var size = dice.Scale(20, 150);
        _body = new Shape(
            dice.Of<ShapeKind>(), dice.Place(0, Canvas.Side), size, dice.Between(0.25f, 1), dice.Angle(), 3 + dice.Whole(6),
            dice.Scale(1.5f, 0.8f * size), dice.Scale(1, 0.4f * size));
        _skin = new Material(dice.Chance(0.5) ? MaterialKind.Plain : dice.Of<MaterialKind>(), dice);
        _inlay = new Material(dice.Chance(0.6) ? MaterialKind.Plain : dice.Of<MaterialKind>(), dice);
        var count = dice.Chance(0.4) ? 0 : 1 + dice.Whole(8);
        var (ring, kind, turn) = (dice.Chance(0.6), dice.Of<ShapeKind>(), dice.Angle());
        var small = size * dice.Between(0.06f, 0.22f);
        var rise = small * dice.Between(-0.6f, 0.6f);
        for (var i = 0; i < count; i++)
        {
            var (sin, cos) = MathF.SinCos(turn + (MathF.Tau * i / count));
            var offset = ring ? 0.62f * size * new Vector2(cos, sin) : new Vector2((i - ((count - 1) / 2f)) * small * 2.4f, 0);
            _features.Add(new Shape(kind, offset, small, 0.6f, ring ? turn + (MathF.Tau * i / count) : turn, 6, small * 0.4f, rise));
        }

        if (incomplete && count > 0)
            _features.RemoveAt(dice.Whole(count));
    }

    /// <summary>Returns the texel of the part, or of the ground where the part does not cover it.</summary>
    public Texel Over(Texel ground, Vector2 p, Vector2 shadow)
    {
        var distance = _body.Distance(p);
        if (distance > 1)
        {
            var dark = float.Clamp(0.5f - (_body.Distance(p + (shadow * _body.Rise)) / (1 + (0.4f * _body.Rise))), 0, 1);
            return ground with { Albedo = ground.Albedo * (1 - (0.7f * dark)), Gloss = ground.Gloss * (1 - dark) };
        }

        var local = _body.Local(p);
        var texel = _skin.At(local);
        texel = texel with { Height = texel.Height + _body.Height(distance) };
        foreach (var feature in _features)
        {
            var inside = feature.Distance(local);
            if (inside > 1)
                continue;
            var inlay = _inlay.At(local);
            inlay = inlay with { Height = texel.Height + inlay.Height + feature.Height(inside) };
            texel = Texel.Mix(texel, inlay, Cover(inside));
        }

        return Texel.Mix(ground, texel, Cover(distance));
    }

    private static float Cover(float distance) => float.Clamp(0.5f - distance, 0, 1);
}
