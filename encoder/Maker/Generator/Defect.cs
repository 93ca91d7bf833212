using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>A synthetic defect: it changes colour, height and gloss near its place.</summary>
public sealed class Defect
{
    private readonly DefectKind _kind;
    private readonly Vector2[] _path;
    private readonly float _size; // radius of a spot, or half the width of a line, px
    private readonly float _strength;
    private readonly Vector3 _colour;
    private readonly uint _seed;

    public Defect(DefectKind kind, SeededRandom dice)
    {
        _kind = kind;
        _seed = dice.Seed();
        _colour = dice.Colour();
        _strength = dice.Between(0.3f, 1);
        var line = kind is DefectKind.Scratch or DefectKind.Crack or DefectKind.Fibre;
        _size = line ? dice.Scale(0.5f, 2.5f) : dice.Scale(3, 40);
        _path = new Vector2[line ? 8 : 1];
        _path[0] = dice.Place(0, Canvas.Side);
        var (heading, step) = (dice.Angle(), dice.Scale(3, 30));
        var bend = kind switch { DefectKind.Scratch => 0.08f, DefectKind.Crack => 1.2f, _ => 0.6f };
        for (var i = 1; i < _path.Length; i++)
        {
            heading += dice.Between(-bend, bend);
            _path[i] = _path[i - 1] + (step * new Vector2(MathF.Cos(heading), MathF.Sin(heading)));
        }
    }

    public Texel Over(Texel texel, Vector2 p)
    {
        var distance = Distance(p);
        if (distance > 2 * _size)
            return texel;
        var ragged = distance + (_size * 0.8f * Noise.Fractal(p / _size, 3, _seed));
        var cover = _strength * float.Clamp((_size - (_path.Length > 1 ? distance : ragged)) + 0.5f, 0, 1);
        return _kind switch
        {
            DefectKind.Scratch => new Texel(Vector3.Lerp(texel.Albedo, texel.Albedo * 1.6f, cover), texel.Height - (_size * cover), texel.Gloss + ((1 - texel.Gloss) * 0.4f * cover)),
            DefectKind.Crack => new Texel(Vector3.Lerp(texel.Albedo, texel.Albedo * 0.1f, cover), texel.Height - (2 * _size * cover), texel.Gloss * (1 - cover)),
            DefectKind.Fibre => new Texel(Vector3.Lerp(texel.Albedo, _colour, cover), texel.Height + (_size * cover), texel.Gloss),
            DefectKind.Dent => texel with { Height = texel.Height - (0.25f * _strength * _size * MathF.Exp(-distance * distance / (0.5f * _size * _size))) },
            DefectKind.Stain => texel with { Albedo = Vector3.Lerp(texel.Albedo, texel.Albedo * _colour * 1.5f, cover), Gloss = float.Lerp(texel.Gloss, 0.8f * _colour.X, cover) },
            DefectKind.Chip => Texel.Mix(texel, new Texel(_colour * (1 + (0.4f * Noise.Fractal(p / 3, 3, _seed))), texel.Height - (0.3f * _size) + Noise.Fractal(p / 4, 3, _seed), 0), cover),
            DefectKind.Specks => Noise.Cells(p / (2 + (0.15f * _size)), _seed).Nearest < 0.25f ? Texel.Mix(texel, texel with { Albedo = _colour }, cover) : texel,
            _ => new Texel(Vector3.Lerp(texel.Albedo, _colour * 0.5f, 0.4f * cover), float.Lerp(texel.Height, MathF.Round(texel.Height), cover), float.Lerp(texel.Gloss, 1 - texel.Gloss, cover)),
        };
    }

    /// <returns>The distance to the line, or to the spot's centre, px.</returns>
    private float Distance(Vector2 p)
    {
        var nearest = Vector2.Distance(p, _path[0]);
        for (var i = 1; i < _path.Length; i++)
        {
            var along = _path[i] - _path[i - 1];
            var t = float.Clamp(Vector2.Dot(p - _path[i - 1], along) / along.LengthSquared(), 0, 1);
            nearest = MathF.Min(nearest, Vector2.Distance(p, _path[i - 1] + (t * along)));
        }

        return nearest;
    }
}
