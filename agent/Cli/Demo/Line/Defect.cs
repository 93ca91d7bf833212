using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A defect on a part, in the part's coordinates.</summary>
public abstract class Defect
{
    /// <summary>Constructors of defects by the name of their kind (its folder); the size is 0 (small) to 1 (large).</summary>
    public static IReadOnlyDictionary<string, Func<float, SeededRandom, Defect>> Kinds { get; } = new SortedDictionary<string, Func<float, SeededRandom, Defect>>(StringComparer.Ordinal)
    {
        ["chip"] = (size, dice) => new Chip(size, dice),
        ["contamination"] = (size, dice) => new Contamination(size, dice),
        ["crack"] = (size, dice) => new Crack(size, dice),
        ["missing_screw"] = (_, dice) => new MissingScrew(dice),
        ["scratch"] = (size, dice) => new Scratch(size, dice),
        ["stain"] = (size, dice) => new Stain(size, dice),
        ["unbrushed"] = (size, dice) => new Unbrushed(size, dice),
    };

    /// <returns>Coverage of the point by the defect, [0, 1]; 0 leaves the picture unchanged.</returns>
    public abstract float Cover(Vector2 p);

    /// <param name="p">A point with <see cref="Cover"/> above zero, in the part's coordinates, px.</param>
    /// <param name="good">Colour of a good part at this point, linear RGB.</param>
    /// <param name="belt">Colour of the belt below, linear RGB.</param>
    /// <returns>Colour of the defect, linear RGB.</returns>
    public abstract Vector3 Paint(Vector2 p, Vector3 good, Vector3 belt, Flange flange, Surface surface);

    /// <summary>Cuts off invisible coverage, which would make the mask wider than the defect that can be seen.</summary>
    protected static float Visible(float cover) => cover < 0.12f ? 0 : cover;

    /// <returns>A point in the middle of the turned face or of the hub, between screws.</returns>
    protected static Vector2 SomewhereOnMetal(SeededRandom dice) => dice.Next() < 0.65f
        ? Flange.Polar(dice.Between(148, 188), (MathF.Tau / Flange.Screws * (dice.Index(Flange.Screws) + 0.5f)) + dice.Between(-0.25f, 0.25f))
        : Flange.Polar(dice.Between(62, 92), dice.Between(0, MathF.Tau));

    /// <returns>Distance to the nearest edge of the turned face or the hub, px, positive on them; screws and holes count as edges.</returns>
    protected static float BareMetal(Vector2 p)
    {
        var r = p.Length();
        var step = MathF.Tau / Flange.Screws;
        var screw = Flange.ScrewAt((int)MathF.Round(MathF.Atan2(p.Y, p.X) / step));
        var face = MathF.Min(MathF.Min(Flange.FaceOuter - r, r - Flange.FaceInner - 2), (p - screw).Length() - Flange.Counterbore);
        var hub = MathF.Min(Flange.HubRadius - r, r - Flange.BoreRadius - 6);
        return MathF.Max(face, hub);
    }

    protected static float Lerp(float small, float large, float size) => small + ((large - small) * size);
}
