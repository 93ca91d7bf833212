using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Discoloured metal: straw, brown and blue from overheating, darkest along the edge.</summary>
public sealed class Stain : Defect
{
    private readonly Blob _blob;
    private readonly float _strength;

    /// <param name="size">0 for about 18 px wide, 1 for 110 px.</param>
    public Stain(float size, SeededRandom dice)
    {
        _blob = new Blob(SomewhereOnMetal(dice), Lerp(9, 46, size), dice);
        _strength = dice.Between(0.75f, 1);
    }

    public override float Cover(Vector2 p) => Visible(_strength * Math.Clamp(0.15f + (_blob.Depth(p) / (0.22f * _blob.Radius)), 0, 1));

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface)
    {
        var inwards = Math.Clamp(_blob.Depth(p) / _blob.Radius, 0, 1);
        var (straw, brown, blue) = (new Vector3(0.86f, 0.70f, 0.42f), new Vector3(0.52f, 0.30f, 0.22f), new Vector3(0.42f, 0.50f, 0.74f));
        var tint = inwards < 0.35f ? Vector3.Lerp(straw, brown, inwards / 0.35f) : Vector3.Lerp(brown, blue, MathF.Min(1, (inwards - 0.35f) / 0.3f));
        return good * tint;
    }
}
