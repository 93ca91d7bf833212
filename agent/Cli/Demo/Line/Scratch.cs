using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>One to three furrows side by side, each with a bright and a dark flank.</summary>
public sealed class Scratch : Defect
{
    private const float Reach = 2.4f;

    private readonly Stroke[] _furrows;

    /// <param name="size">0 for about 14 px long, 1 for 130 px.</param>
    public Scratch(float size, SeededRandom dice)
    {
        var length = Lerp(14, 130, size);
        var direction = dice.Between(0, MathF.Tau);
        // The scratch runs across the face, so that it does not leave the part.
        var start = SomewhereOnMetal(dice);
        if (Vector2.Dot(Flange.Polar(1, direction), start) > 0)
            direction += MathF.PI;
        var side = Flange.Polar(1, direction + (MathF.PI / 2));
        _furrows = new Stroke[1 + dice.Index(size > 0.3f ? 3 : 1)];
        for (var i = 0; i < _furrows.Length; i++)
        {
            var from = start + (side * 4.5f * i) + Flange.Polar(dice.Between(0, 0.2f * length), direction);
            _furrows[i] = Stroke.Walk(from, direction, length * dice.Between(0.75f, 1), 9, 0.06f, dice);
        }
    }

    public override float Cover(Vector2 p) => Nearest(p) is var (distance, along)
        ? Visible(MathF.Min(Surface.Inside(Width(along) - MathF.Abs(distance)), Surface.Inside(BareMetal(p))))
        : 0;

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface)
    {
        var distance = Nearest(p)?.Distance ?? 0;
        var burr = 0.75f + (0.25f * Noise.Smooth(p.X / 5, p.Y / 5, 77));
        // From the dark flank to the bright one, without a step.
        return Vector3.Lerp(good * 0.24f, (good * 0.55f) + new Vector3(0.62f * burr), Surface.Inside(distance));
    }

    // The scratch is thin at both ends.
    private static float Width(float along) => 1.5f * MathF.Sqrt(MathF.Max(0, MathF.Min(1, 5 * MathF.Min(along, 1 - along)))) + 0.1f;

    private (float Distance, float Along)? Nearest(Vector2 p)
    {
        (float Distance, float Along)? best = null;
        foreach (var furrow in _furrows)
        {
            if (furrow.Nearest(p, Reach) is { } near && (best is null || MathF.Abs(near.Distance) < MathF.Abs(best.Value.Distance)))
                best = near;
        }

        return best;
    }
}
