using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Foreign matter on the part: a drop of grease, a crumb of rubber, rust, a splash of sealant.</summary>
public sealed class Contamination : Defect
{
    private static readonly Vector3[] Colours =
    [
        new(0.070f, 0.038f, 0.014f), // grease
        new(0.025f, 0.026f, 0.030f), // rubber
        new(0.300f, 0.085f, 0.020f), // rust
        new(0.060f, 0.150f, 0.330f), // thread sealant
    ];

    private readonly Blob[] _blobs;
    private readonly Vector3 _colour;

    /// <param name="size">0 for about 12 px wide, 1 for 70 px.</param>
    public Contamination(float size, SeededRandom dice)
    {
        _colour = Colours[dice.Index(Colours.Length)];
        var radius = Lerp(6, 30, size);
        var at = SomewhereOnMetal(dice);
        List<Blob> blobs = [new(at, radius, dice)];
        // A large one has splashes around it.
        for (var i = 0; i < (int)(5 * size); i++)
            blobs.Add(new Blob(at + Flange.Polar(radius * dice.Between(1.3f, 2f), dice.Between(0, MathF.Tau)), dice.Between(1.8f, 4.5f), dice));
        _blobs = [.. blobs];
    }

    public override float Cover(Vector2 p) => Visible(MathF.Min(Surface.Inside(Deepest(p).Depth(p)), Surface.Inside(p.Length() - Flange.BoreRadius - 3)));

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface)
    {
        var slope = Deepest(p).Slope(p);
        return (_colour * surface.Matte(slope)) + new Vector3(0.45f * surface.Gloss(slope));
    }

    private Blob Deepest(Vector2 p)
    {
        var best = _blobs[0];
        foreach (var blob in _blobs)
        {
            if (blob.Depth(p) > best.Depth(p))
                best = blob;
        }

        return best;
    }
}
