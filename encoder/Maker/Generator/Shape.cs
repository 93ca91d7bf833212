using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>An outline by its signed distance, with a bevelled or domed edge that rises from the ground or sinks into it.</summary>
/// <param name="Size">Half the width, px.</param>
/// <param name="Aspect">The ratio of height to width; of a ring, that of wall to radius.</param>
/// <param name="Bevel">Width of the slope inside the edge, px.</param>
/// <param name="Rise">Height inside, px; negative for a hole.</param>
public sealed record Shape(ShapeKind Kind, Vector2 Centre, float Size, float Aspect, float Angle, int Corners, float Bevel, float Rise)
{
    /// <summary>Transforms a point into the shape's own axes, px.</summary>
    public Vector2 Local(Vector2 p)
    {
        var (sin, cos) = MathF.SinCos(-Angle);
        var q = p - Centre;
        return new Vector2((q.X * cos) - (q.Y * sin), (q.X * sin) + (q.Y * cos));
    }

    /// <returns>The signed distance to the outline, px; negative inside.</returns>
    public float Distance(Vector2 p)
    {
        var q = Local(p);
        return Kind switch
        {
            ShapeKind.Disc => q.Length() - Size,
            ShapeKind.Ring => MathF.Abs(q.Length() - (Size * (1 - (Aspect / 2)))) - (Size * Aspect / 2),
            ShapeKind.Box => Box(q, Size, Size * Aspect) - (0.1f * Size),
            ShapeKind.Polygon => (q.Length() * MathF.Cos(Folded(q, Corners))) - Size,
            ShapeKind.Gear => q.Length() - (Size * (0.88f + (0.12f * float.Clamp(3 * MathF.Cos(Corners * 3 * MathF.Atan2(q.Y, q.X)), -1, 1)))),
            ShapeKind.Capsule => new Vector2(MathF.Max(0, MathF.Abs(q.X) - (Size * (1 - (Aspect / 2)))), q.Y).Length() - (Size * Aspect / 2),
            _ => MathF.Min(Box(q, Size, Size * Aspect * 0.4f), Box(q, Size * Aspect * 0.4f, Size)),
        };
    }

    /// <returns>The height at a distance inside the outline, px.</returns>
    public float Height(float distance)
    {
        var t = float.Clamp(-distance / Bevel, 0, 1);
        return Rise * MathF.Sqrt(t * (2 - t));
    }

    private static float Box(Vector2 q, float width, float height)
    {
        var d = new Vector2(MathF.Abs(q.X) - width, MathF.Abs(q.Y) - height);
        return Vector2.Max(d, Vector2.Zero).Length() + MathF.Min(0, MathF.Max(d.X, d.Y));
    }

    /// <summary>Returns the angle from the middle of the nearest side.</summary>
    private static float Folded(Vector2 q, int corners)
    {
        var sector = MathF.Tau / corners;
        var angle = MathF.Atan2(q.Y, q.X);
        return angle - (sector * MathF.Round(angle / sector));
    }
}
