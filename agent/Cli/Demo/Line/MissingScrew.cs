using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A missing screw: its threaded hole is open.</summary>
public sealed class MissingScrew(SeededRandom dice) : Defect
{
    private readonly Vector2 _centre = Flange.ScrewAt(dice.Index(Flange.Screws));

    public override float Cover(Vector2 p) => Visible(Surface.Inside(Flange.Counterbore - 1.5f - (p - _centre).Length()));

    public override Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface) => flange.EmptyScrewHole(p - _centre);
}
