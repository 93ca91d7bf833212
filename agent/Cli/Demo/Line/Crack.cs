using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A crack that starts at a screw's counterbore, the bore or the rim, and forks.</summary>
public sealed class Crack : Defect
{
    private const float Reach = 3;

    private readonly Stroke _main;
    private readonly Stroke? _fork;
    private readonly float _width;

    /// <param name="size">0 for about 16 px long, 1 for 110 px.</param>
    public Crack(float size, SeededRandom dice)
    {
        var length = Lerp(16, 110, size);
        _width = Lerp(0.9f, 1.5f, size);
        var (start, direction) = Begin(dice);
        _main = Stroke.Walk(start, direction, length, 5, 0.9f, dice);
        if (size > 0.35f)
            _fork = Stroke.Walk(_main.Middle, direction + (0.8f * dice.Sign()), 0.4f * length, 5, 0.9f, dice);
    }

    public override float Cover(Vector2 p)
    {
        var cover = MathF.Max(Cover(_main, p, _width), Cover(_fork, p, 0.7f * _width));
        return cover > 0 ? Visible(MathF.Min(cover, Surface.Inside(BareMetal(p)))) : 0;
    }

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface) => good * 0.06f;

    // The crack gets thinner towards its end.
    private static float Cover(Stroke? stroke, Vector2 p, float width) => stroke?.Nearest(p, Reach) is var (distance, along)
        ? Surface.Inside((width * (1 - (0.75f * along))) - MathF.Abs(distance))
        : 0;

    private static (Vector2 Start, float Direction) Begin(SeededRandom dice)
    {
        var angle = dice.Between(0, MathF.Tau);
        var screw = dice.Index(Flange.Screws);
        var aside = (screw * MathF.Tau / Flange.Screws) + (dice.Sign() * dice.Between(1.2f, 1.9f));
        return dice.Index(3) switch
        {
            0 => (Flange.Polar(Flange.BoreRadius + 5, angle), angle),
            1 => (Flange.Polar(Flange.FaceOuter - 1, angle), angle + MathF.PI),
            _ => (Flange.ScrewAt(screw) + Flange.Polar(Flange.Counterbore, aside), aside),
        };
    }
}
