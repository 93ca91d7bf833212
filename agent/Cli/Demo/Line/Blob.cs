using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>An irregular patch: an ellipse with a noisy edge.</summary>
/// <param name="radius">Mean radius, px.</param>
public sealed class Blob(Vector2 centre, float radius, SeededRandom dice)
{
    private readonly uint _seed = (uint)dice.Index(1 << 24);
    private readonly float _angle = dice.Between(0, MathF.PI);
    private readonly float _stretch = dice.Between(1, 1.5f);

    public Vector2 Centre => centre;

    public float Radius => radius;

    /// <returns>Distance to the edge, px, positive inside.</returns>
    public float Depth(Vector2 p)
    {
        var d = p - centre;
        if (d.LengthSquared() > 9 * radius * radius)
            return -radius;
        var (sin, cos) = MathF.SinCos(_angle);
        var e = new Vector2(((d.X * cos) + (d.Y * sin)) / _stretch, ((d.Y * cos) - (d.X * sin)) * _stretch);
        return (radius * (1 + (0.45f * Noise.Cloud(d.X / radius, d.Y / radius, _seed)))) - e.Length();
    }

    /// <returns>Slope of a dome over the patch, pointing outwards and downwards.</returns>
    public Vector2 Slope(Vector2 p) =>
        new Vector2(Depth(p - Vector2.UnitX) - Depth(p + Vector2.UnitX), Depth(p - Vector2.UnitY) - Depth(p + Vector2.UnitY)) / 2
        * MathF.Exp(-MathF.Max(0, Depth(p)) / (0.35f * radius));
}
