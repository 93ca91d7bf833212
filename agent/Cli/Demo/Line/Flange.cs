using System.Globalization;
using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>
/// The generated part: a turned aluminium flange with six screws, an engraved scale, a marked serial number, a rubber seal and a brushed hub.
/// Coordinates are the part's own: px at nominal scale, the origin in the bore's centre, x to the right, y down.
/// </summary>
public sealed class Flange
{
    public const float Radius = 210;
    public const int Screws = 6;
    public const float ScrewCircle = 164;
    public const float Counterbore = 25;
    public const float SealRadius = 119;
    public const float HubRadius = 107;
    public const float BoreRadius = 44;
    public const float FaceInner = 129;
    public const float FaceOuter = 204;

    private const float KeywayDepth = 11;
    private const float HeadRadius = 19.5f;
    private const float HubHoleCircle = 78;
    private const float DotPitch = 1.95f;

    private static readonly Vector3 Aluminium = new(0.80f, 0.81f, 0.83f);
    private static readonly Vector3 Zinc = new(0.80f, 0.69f, 0.46f);
    private static readonly Vector3 Rubber = new(0.016f, 0.016f, 0.018f);
    private static readonly Vector3 Deep = new(0.006f, 0.007f, 0.008f);

    private readonly PartPose _pose;
    private readonly Surface _surface;
    private readonly string _serial;
    private readonly float[] _socketTurns = new float[Screws];

    /// <param name="surface">Shading, with the light in the part's coordinates.</param>
    public Flange(PartPose pose, Surface surface)
    {
        _pose = pose;
        _surface = surface;
        _serial = string.Create(CultureInfo.InvariantCulture, $"FL204-{pose.Serial:000}");
        var dice = new SeededRandom(pose.Seed);
        for (var i = 0; i < Screws; i++)
            _socketTurns[i] = dice.Between(0, MathF.PI / 3);
    }

    /// <returns>True if the part hides the belt at this point, even with a chip broken out of the rim.</returns>
    public static bool HidesBelt(Vector2 p) => p.Length() is > BoreRadius + KeywayDepth + 4 and < Radius - 60;

    /// <returns>Centre of a screw.</returns>
    public static Vector2 ScrewAt(int screw) => Polar(ScrewCircle, screw * MathF.Tau / Screws);

    public static Vector2 Polar(float radius, float angle) => new(radius * MathF.Cos(angle), radius * MathF.Sin(angle));

    /// <returns>Colour at <paramref name="p"/>, which is <paramref name="belt"/> outside the part.</returns>
    public Vector3 Paint(Vector2 p, Vector3 belt)
    {
        var r = p.Length();
        if (r > Radius + 1)
            return belt;
        var radial = r > 0.001f ? p / r : Vector2.UnitX;
        var angle = MathF.Atan2(p.Y, p.X);

        // From the outside inwards; a ring that the next one hides is not painted.
        var colour = belt;
        if (r > FaceOuter - 1)
            colour = Over(colour, Aluminium * _surface.Polished(radial * 0.75f) * 0.9f, Surface.Inside(Radius - r));
        if (r > FaceInner - 1)
            colour = Over(colour, Face(p, r, radial, angle), Surface.Inside(FaceOuter - r));
        if (r > HubRadius + 3)
            colour = Seal(colour, p, r, radial, angle);
        if (r > HubRadius - 1)
            colour = Over(colour, Aluminium * _surface.Polished(radial * 0.8f), Surface.Inside(HubRadius + 4 - r));
        if (r > BoreRadius - 1)
            colour = Over(colour, Hub(p), Surface.Inside(HubRadius - r));
        return r > BoreRadius + KeywayDepth + 4 ? colour : Bore(colour, p, r, radial, belt);
    }

    /// <summary>Paints the place of a missing screw: a threaded hole in its counterbore.</summary>
    /// <param name="d">Offset from the screw's centre, px.</param>
    public Vector3 EmptyScrewHole(Vector2 d)
    {
        var (r, radial) = (d.Length(), Direction(d));
        var floor = Aluminium * _surface.Grooved(Across(radial)) * 0.55f * Shade(d, Counterbore);
        var thread = Aluminium * (0.10f + (0.10f * MathF.Sin((r * 2.4f) + MathF.Atan2(d.Y, d.X)))) * _surface.Polished(-radial * 0.6f);
        var colour = Over(floor, thread, Surface.Inside(13 - r));
        return Over(colour, Deep, Surface.Inside(9.5f - r));
    }

    private Vector3 Face(Vector2 p, float r, Vector2 radial, float angle)
    {
        var turn = (angle / MathF.Tau) + 0.5f;
        var lathe = (0.06f * Noise.Smooth(r * 0.9f, turn * 5, _pose.Seed + 11, 5))
            + (0.055f * Noise.Smooth(r * 0.45f, turn * 40, _pose.Seed + 12, 40))
            + (0.045f * Noise.Smooth(r * 0.18f, turn * 3, _pose.Seed + 13, 3));
        var light = _surface.Grooved(Across(radial)) * (1 + lathe + (0.03f * Noise.Cloud(p.X / 60, p.Y / 60, _pose.Seed + 14)));
        var colour = Aluminium * light;
        colour *= 1 - (0.30f * Surface.Inside(1.2f - MathF.Abs(r - FaceOuter + 1)));
        colour = Scale(colour, r, angle);
        colour = Serial(colour, r, angle);
        colour = Dowel(colour, p - Polar(ScrewCircle, MathF.PI / 2));
        return Screw(colour, p, angle);
    }

    // The scale: two engraved circles with a tick every 5 degrees and a longer one every 30.
    private static Vector3 Scale(Vector3 colour, float r, float angle)
    {
        const float outer = 196;
        var groove = Surface.Inside(0.4f - MathF.Abs(r - outer));
        var step = MathF.PI / 36;
        var index = MathF.Round(angle / step);
        var reach = (int)index % 6 == 0 ? 10 : (int)index % 2 == 0 ? 6.5f : 4;
        var fromTick = MathF.Abs(angle - (index * step)) * r;
        var tick = Surface.Inside(0.45f - fromTick) * Surface.Inside(outer - r) * Surface.Inside(r - outer + reach);
        return colour * (1 - (0.62f * MathF.Max(groove, tick)));
    }

    // The serial number follows the arc between the two upper screws and is read from outside.
    private Vector3 Serial(Vector3 colour, float r, float angle)
    {
        var column = (((angle + (MathF.PI / 2)) * ScrewCircle / DotPitch) + ((_serial.Length * DotFont.Pitch) / 2f)) - 0.5f;
        var row = ((ScrewCircle - r) / DotPitch) + (DotFont.Height / 2f) - 0.5f;
        var (c, y) = ((int)MathF.Round(column), (int)MathF.Round(row));
        if (!DotFont.HasDot(_serial, c, y))
            return colour;
        var d = new Vector2(column - c, row - y);
        return colour * (1 - (0.72f * Math.Clamp(1.25f - (d.Length() * 2.1f), 0, 1)));
    }

    private Vector3 Dowel(Vector3 colour, Vector2 d)
    {
        var r = d.Length();
        if (r > 12)
            return colour;
        colour = Over(colour, Aluminium * _surface.Polished(-Direction(d) * 0.7f), Surface.Inside(9.5f - r));
        return Over(colour, Deep + (Aluminium * 0.10f * MathF.Max(0, r - 4) / 4 * _surface.Matte(-Direction(d))), Surface.Inside(7.5f - r));
    }

    private Vector3 Screw(Vector3 colour, Vector2 p, float angle)
    {
        var index = (int)MathF.Round(angle / MathF.Tau * Screws);
        var d = p - ScrewAt(index);
        var r = d.Length();
        if (r > Counterbore + 2)
            return colour;
        var radial = Direction(d);
        colour = Over(colour, Aluminium * _surface.Polished(-radial * 0.8f), Surface.Inside(Counterbore - r));
        colour = Over(colour, Aluminium * 0.16f * Shade(d, Counterbore), Surface.Inside(Counterbore - 2 - r));
        var knurl = 1 + (0.35f * MathF.Sin(48 * MathF.Atan2(d.Y, d.X)));
        colour = Over(colour, Zinc * knurl * _surface.Polished(radial * 1.1f), Surface.Inside(HeadRadius - r));
        colour = Over(colour, Zinc * (0.12f + (0.6f * _surface.Polished(radial * 0.45f))), Surface.Inside(HeadRadius - 2.2f - r));
        var top = (0.26f + (0.45f * _surface.Grooved(Across(radial)))) * (1 + (0.10f * Noise.Smooth(r * 0.8f, 0, _pose.Seed + (uint)(index + 20))));
        colour = Over(colour, Zinc * top, Surface.Inside(HeadRadius - 4.2f - r));
        return Socket(colour, d, _socketTurns[((index % Screws) + Screws) % Screws]);
    }

    private Vector3 Socket(Vector3 colour, Vector2 d, float turn)
    {
        var angle = MathF.Atan2(d.Y, d.X) - turn;
        var side = MathF.Round(angle / (MathF.PI / 3)) * (MathF.PI / 3);
        var apothem = d.Length() * MathF.Cos(angle - side);
        var outward = Polar(1, side + turn);
        colour = Over(colour, Zinc * (0.10f + (0.6f * _surface.Polished(-outward * 0.8f))), Surface.Inside(9.8f - apothem));
        var wall = Zinc * (0.012f + (0.07f * MathF.Max(0, apothem - 4.5f) / 4)) * _surface.Matte(-outward * 1.6f);
        return Over(colour, wall, Surface.Inside(8.6f - apothem));
    }

    private Vector3 Seal(Vector3 colour, Vector2 p, float r, Vector2 radial, float angle)
    {
        const float half = 7.5f;
        colour = Over(colour, Aluminium * _surface.Polished(-radial * 0.9f) * 0.8f, Surface.Inside(FaceInner + 1.5f - r));
        colour = Over(colour, Deep * 1.5f, Surface.Inside(FaceInner - r));
        var across = (r - SealRadius) / half;
        var slope = radial * Math.Clamp(across, -0.97f, 0.97f) / MathF.Sqrt(1 - (0.94f * Math.Min(1, across * across)));
        var dust = 0.5f + (0.5f * Noise.Cloud(p.X / 9, p.Y / 9, _pose.Seed + 31));
        var mould = Surface.Inside(0.5f - MathF.Abs(across * half)) * 0.004f;
        var rubber = (Rubber * (1 + (0.5f * dust)) * _surface.Matte(slope)) + new Vector3((0.15f * _surface.Gloss(slope) * (0.75f + (0.25f * Noise.Smooth(r / 3, angle * 40, _pose.Seed + 32)))) + mould);
        return Over(colour, rubber, Surface.Inside(half - MathF.Abs(r - SealRadius)));
    }

    private Vector3 Hub(Vector2 p)
    {
        var brush = (0.085f * Noise.Smooth(p.X / 30, p.Y * 0.55f, _pose.Seed + 41))
            + (0.06f * Noise.Smooth(p.X / 90, p.Y * 0.27f, _pose.Seed + 42))
            + (0.05f * Noise.Smooth(p.X / 8, p.Y * 0.8f, _pose.Seed + 43));
        // Brushed metal is never quite flat: the direction of the grooves varies.
        var bow = Vector2.Normalize(new Vector2(1, 0.16f + (0.0022f * p.Y) + (0.05f * Noise.Cloud(p.X / 70, p.Y / 70, _pose.Seed + 44))));
        var colour = Aluminium * ((0.85f * _surface.Grooved(bow)) + 0.15f) * (1 + brush);
        var angle = MathF.Atan2(p.Y, p.X);
        var index = MathF.Floor(angle / MathF.Tau * Screws);
        var d = p - Polar(HubHoleCircle, (index + 0.5f) * MathF.Tau / Screws);
        var r = d.Length();
        if (r > 14)
            return colour;
        colour = Over(colour, Aluminium * _surface.Polished(-Direction(d) * 0.85f), Surface.Inside(11.5f - r));
        return Over(colour, Deep + (Aluminium * 0.12f * MathF.Max(0, r - 4) / 5 * _surface.Matte(-Direction(d))), Surface.Inside(8 - r));
    }

    private Vector3 Bore(Vector3 colour, Vector2 p, float r, Vector2 radial, Vector3 belt)
    {
        var keyway = MathF.Min(7 - MathF.Abs(p.X), MathF.Min(p.Y, BoreRadius + KeywayDepth - p.Y));
        var open = MathF.Max(BoreRadius - r, keyway);
        colour = Over(colour, Aluminium * _surface.Polished(-radial * 0.75f), Surface.Inside(MathF.Max(BoreRadius + 5 - r, keyway + 1.2f)));
        // The bore shows a little of its wall, then the belt in the part's shadow.
        var wall = Aluminium * 0.22f * _surface.Matte(-radial * 1.2f);
        colour = Over(colour, wall, Surface.Inside(open));
        return Over(colour, belt * 0.42f * Shade(p, BoreRadius), Surface.Inside(open - 3.5f));
    }

    // The side of a hole that is towards the light is in shadow.
    private float Shade(Vector2 d, float radius) => Math.Clamp(0.62f - (0.38f * Vector2.Dot(d, _surface.Key) / radius), 0, 1);

    private static Vector2 Direction(Vector2 d) => d.LengthSquared() > 1e-6f ? Vector2.Normalize(d) : Vector2.UnitX;

    private static Vector2 Across(Vector2 d) => new(-d.Y, d.X);

    private static Vector3 Over(Vector3 below, Vector3 above, float cover) => Vector3.Lerp(below, above, cover);
}
