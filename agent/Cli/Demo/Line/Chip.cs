using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A piece broken out of the rim: the fracture is rough, and the belt shows behind it.</summary>
public sealed class Chip : Defect
{
    private readonly Blob _blob;
    private readonly uint _seed;

    /// <param name="size">0 for about 12 px wide, 1 for 70 px.</param>
    public Chip(float size, SeededRandom dice)
    {
        var radius = Lerp(7, 34, size);
        _blob = new Blob(Flange.Polar(Flange.Radius - (0.1f * radius), dice.Between(0, MathF.Tau)), radius, dice);
        _seed = (uint)dice.Index(1 << 24);
    }

    public override float Cover(Vector2 p) =>
        Visible(MathF.Min(Surface.Inside(_blob.Depth(p)), Surface.Inside(Flange.Radius + 2 - p.Length())));

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface)
    {
        // The fracture slopes down to the missing material.
        var facet = new Vector2(Noise.Cloud(p.X / 7, p.Y / 7, _seed), Noise.Cloud(p.X / 7, p.Y / 7, _seed + 9)) * 1.3f;
        var fracture = new Vector3(0.42f, 0.42f, 0.43f) * surface.Matte((Vector2.Normalize(p) * 0.7f) + facet)
            * (1 + (0.45f * Noise.Smooth(p.X / 1.8f, p.Y / 1.8f, _seed + 18)));
        var gone = Surface.Inside((p.Length() - Flange.Radius + (0.42f * _blob.Radius) + (facet.X * 3)) / 2);
        return Vector3.Lerp(fracture, belt * 0.8f, gone);
    }
}
