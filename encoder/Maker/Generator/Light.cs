using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>The lighting: one lamp and ambient light; the camera looks straight down.</summary>
public sealed class Light
{
    private readonly Vector3 _ray;
    private readonly Vector3 _half;
    private readonly float _ambient;
    private readonly float _sharpness;
    private readonly Vector3 _colour;

    public Light(SeededRandom dice)
    {
        var (sin, cos) = MathF.SinCos(dice.Angle());
        var flat = dice.Between(0.15f, 0.9f);
        _ray = new Vector3(cos * flat, sin * flat, MathF.Sqrt(1 - (flat * flat)));
        _half = Vector3.Normalize(_ray + Vector3.UnitZ);
        _ambient = dice.Between(0.1f, 0.8f);
        _sharpness = dice.Scale(4, 120);
        _colour = new Vector3(dice.Between(0.85f, 1.15f), 1, dice.Between(0.8f, 1.15f));
    }

    /// <summary>The offset from a point to the object 1 px high whose shadow falls on it, px.</summary>
    public Vector2 Shadow => new Vector2(_ray.X, _ray.Y) / MathF.Max(0.3f, _ray.Z);

    /// <returns>The light of a pixel, linear RGB, in which 1 is the sensor's white.</returns>
    public Vector3 On(Canvas canvas, int x, int y)
    {
        var slope = new Vector2(canvas[x + 1, y].Height - canvas[x - 1, y].Height, canvas[x, y + 1].Height - canvas[x, y - 1].Height) / 2;
        var normal = Vector3.Normalize(new Vector3(-slope, 1));
        var texel = canvas[x, y];
        var scattered = texel.Albedo * (_ambient + ((1 - _ambient) * MathF.Max(0, Vector3.Dot(normal, _ray))));
        var shine = texel.Gloss * MathF.Pow(MathF.Max(0, Vector3.Dot(normal, _half)), _sharpness);
        return _colour * (scattered + new Vector3(0.6f * shine));
    }
}
