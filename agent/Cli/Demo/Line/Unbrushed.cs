using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A patch that the brush did not reach: the cast surface shows, grainy and dull.</summary>
public sealed class Unbrushed : Defect
{
    private readonly Blob _blob;
    private readonly uint _seed;

    /// <param name="size">0 for about 16 px wide, 1 for 100 px.</param>
    public Unbrushed(float size, SeededRandom dice)
    {
        _blob = new Blob(SomewhereOnMetal(dice), Lerp(8, 40, size), dice);
        _seed = (uint)dice.Index(1 << 24);
    }

    public override float Cover(Vector2 p) => Visible(Surface.Inside(_blob.Depth(p) / 2) * Surface.Inside(BareMetal(p)));

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface)
    {
        var grain = new Vector2(Noise.Cloud(p.X / 6, p.Y / 6, _seed), Noise.Cloud(p.X / 6, p.Y / 6, _seed + 7)) * 0.8f;
        var pores = Math.Clamp((Noise.Smooth((p.X + p.Y) / 4.1f, (p.X - p.Y) / 4.1f, _seed + 14) - 0.3f) / 0.5f, 0, 1);
        return new Vector3(0.30f, 0.30f, 0.31f) * surface.Matte(grain) * (1 - (0.5f * pores));
    }
}
