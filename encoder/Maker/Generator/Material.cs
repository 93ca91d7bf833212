using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>An infinite surface: colour, height and gloss at each place.</summary>
public sealed class Material
{
    private readonly MaterialKind _kind;
    private readonly Vector3 _first;
    private readonly Vector3 _second;
    private readonly Vector3 _third;
    private readonly float _period; // px
    private readonly float _relief; // px
    private readonly float _gloss;
    private readonly float _contrast;
    private readonly Vector2 _axis;
    private readonly uint _seed;

    public Material(MaterialKind kind, SeededRandom dice)
    {
        _kind = kind;
        (_first, _second, _third) = (dice.Colour(), dice.Colour(), dice.Colour());
        _period = dice.Scale(4, 64);
        _relief = dice.Scale(0.05f, 0.12f * _period);
        _gloss = dice.Chance(0.5) ? 0 : dice.Between(0.1f, 1);
        _contrast = dice.Scale(0.1f, 1);
        var angle = dice.Chance(0.4) ? 0 : dice.Angle();
        _axis = new Vector2(MathF.Cos(angle), MathF.Sin(angle));
        _seed = dice.Seed();
    }

    /// <param name="place">The place, px.</param>
    public Texel At(Vector2 place)
    {
        var p = new Vector2((place.X * _axis.X) + (place.Y * _axis.Y), (place.Y * _axis.X) - (place.X * _axis.Y)) / _period;
        var (mix, height) = _kind switch
        {
            MaterialKind.Plain => (0.05f * Noise.Smooth(p * 7, _seed), 0),
            MaterialKind.Cloudy => Both(0.5f + (0.5f * Noise.Fractal(p, 5, _seed))),
            MaterialKind.Pebbled => Pebbled(p),
            MaterialKind.Brushed => Both(0.5f + (0.5f * Noise.Fractal(new Vector2(p.X * 0.06f, p.Y * 4), 4, _seed))),
            MaterialKind.Woven => Woven(p),
            MaterialKind.Wood => Wood(p),
            MaterialKind.Granite => (Granite(p), 0),
            MaterialKind.Printed => (Printed(p), 0),
            MaterialKind.Barred => (Edge(Noise.Hash((int)MathF.Floor(p.X * 3), 0, _seed) - 0.5f, 40), 0),
            MaterialKind.Perforated => Both(Edge((Wrapped(p).Length() - 0.3f) * _period, 1)),
            MaterialKind.Tiled => Tiled(p),
            _ => Both(Traced(p)),
        };
        // Adds a slight unevenness to every surface.
        var uneven = 1 + (0.06f * Noise.Fractal(place / 90, 3, _seed + 50));
        return new Texel(Colour(mix) * uneven, _relief * height, _gloss * float.Clamp(1 - (0.5f * mix), 0, 1));
    }

    private Vector3 Colour(float mix) => _kind == MaterialKind.Granite && mix > 1
        ? _third
        : Vector3.Lerp(_first, Vector3.Lerp(_first, _second, _contrast), float.Clamp(mix, 0, 1));

    private static (float Mix, float Height) Both(float value) => (value, value);

    private (float Mix, float Height) Pebbled(Vector2 p)
    {
        var (nearest, second, cell) = Noise.Cells(p, _seed);
        var inside = float.Clamp((second - nearest) * 4, 0, 1);
        return (1 - (inside * (0.5f + (0.5f * cell))), inside);
    }

    private (float Mix, float Height) Woven(Vector2 p)
    {
        var over = (((int)MathF.Floor(p.X) + (int)MathF.Floor(p.Y)) & 1) == 0;
        var (along, across) = over ? (p.X, p.Y) : (p.Y, p.X);
        var thread = MathF.Abs(MathF.Sin(MathF.PI * across)) * (0.5f + (0.5f * MathF.Abs(MathF.Sin(MathF.PI * along))));
        var fibre = 0.2f * Noise.Smooth(new Vector2(along * 2, across * 9), _seed);
        return ((over ? 0.2f : 0.8f) - (0.4f * thread) + fibre, thread + fibre);
    }

    private (float Mix, float Height) Wood(Vector2 p)
    {
        var bent = (p.Y * 1.5f) + (1.6f * Noise.Fractal(new Vector2(p.X * 0.12f, p.Y * 0.5f), 3, _seed));
        var ring = bent - MathF.Floor(bent);
        var grain = 0.25f * Noise.Fractal(new Vector2(p.X * 0.4f, p.Y * 12), 2, _seed + 9);
        return ((ring * ring) + grain, grain);
    }

    private float Granite(Vector2 p)
    {
        var coarse = Noise.Cells(p, _seed).Cell;
        var fine = Noise.Cells(p * 2.7f, _seed + 20).Cell;
        return fine > 0.88f ? 2 : (0.7f * coarse) + (0.3f * fine);
    }

    /// <summary>Printed text: characters of random dots in a 3×5 grid, with gaps between characters, words and lines.</summary>
    private float Printed(Vector2 p)
    {
        var dots = p * 4;
        var (column, row) = ((int)MathF.Floor(dots.X), (int)MathF.Floor(dots.Y));
        var (sign, line) = ((int)MathF.Floor(column / 4f), (int)MathF.Floor(row / 7f));
        var (x, y) = (column - (sign * 4), row - (line * 7));
        return x == 3 || y > 4 || Noise.Hash(sign, line, _seed) < 0.18f || Noise.Hash(column, row, _seed + 1) < 0.4f ? 0 : 1;
    }

    private (float Mix, float Height) Tiled(Vector2 p)
    {
        var row = MathF.Floor(p.Y);
        var x = (p.X * 0.5f) + (0.5f * (((int)row) & 1));
        var edge = MathF.Min(MathF.Min(x - MathF.Floor(x), 1 - x + MathF.Floor(x)) * 2, MathF.Min(p.Y - row, 1 - p.Y + row));
        var tile = float.Clamp((edge - 0.05f) * 15, 0, 1);
        return (1 - (tile * (0.6f + (0.4f * Noise.Hash((int)MathF.Floor(x), (int)row, _seed)))), tile);
    }

    /// <summary>Conductor tracks by Truchet tiles: quarter circles that join.</summary>
    private float Traced(Vector2 p)
    {
        var (x, y) = (MathF.Floor(p.X), MathF.Floor(p.Y));
        var q = new Vector2(p.X - x, p.Y - y);
        if (Noise.Hash((int)x, (int)y, _seed) < 0.5f)
            q.X = 1 - q.X;
        var ring = MathF.Min(MathF.Abs(q.Length() - 0.5f), MathF.Abs((Vector2.One - q).Length() - 0.5f));
        return Edge((0.12f - ring) * _period, 1);
    }

    /// <summary>Returns the offset from the centre of the unit square that contains the place.</summary>
    private static Vector2 Wrapped(Vector2 p) => new(p.X - MathF.Floor(p.X) - 0.5f, p.Y - MathF.Floor(p.Y) - 0.5f);

    private static float Edge(float distance, float sharpness) => float.Clamp(0.5f + (distance * sharpness), 0, 1);
}
