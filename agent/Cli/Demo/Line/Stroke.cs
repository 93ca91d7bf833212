using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>A polyline.</summary>
public sealed class Stroke
{
    private readonly Vector2[] _points;
    private readonly Vector2 _low;
    private readonly Vector2 _high;

    /// <param name="points">Two or more points.</param>
    public Stroke(IEnumerable<Vector2> points)
    {
        _points = [.. points];
        _low = _points.Aggregate(Vector2.Min);
        _high = _points.Aggregate(Vector2.Max);
    }

    public Vector2 Middle => _points[_points.Length / 2];

    /// <summary>Draws a line by a random walk.</summary>
    /// <param name="bend">Maximum angle between a step and the line's direction, rad.</param>
    public static Stroke Walk(Vector2 start, float direction, float length, float step, float bend, SeededRandom dice)
    {
        List<Vector2> points = [start];
        for (var done = 0f; done < length; done += step)
        {
            points.Add(points[^1] + Flange.Polar(MathF.Min(step, length - done), direction + dice.Between(-bend, bend)));
        }

        return new Stroke(points);
    }

    /// <returns>The signed distance to the line, px (the sign tells the side), and the position along it, 0 to 1. Null if the line is further away than <paramref name="reach"/>.</returns>
    public (float Distance, float Along)? Nearest(Vector2 p, float reach)
    {
        if (p.X < _low.X - reach || p.X > _high.X + reach || p.Y < _low.Y - reach || p.Y > _high.Y + reach)
            return null;
        var (best, along, side) = (float.MaxValue, 0f, 1f);
        for (var i = 0; i + 1 < _points.Length; i++)
        {
            var (a, ab) = (_points[i], _points[i + 1] - _points[i]);
            var t = Math.Clamp(Vector2.Dot(p - a, ab) / ab.LengthSquared(), 0, 1);
            var d = p - a - (ab * t);
            if (d.Length() >= best)
                continue;
            (best, along) = (d.Length(), (i + t) / (_points.Length - 1));
            side = (ab.X * d.Y) - (ab.Y * d.X) < 0 ? -1 : 1;
        }

        return best <= reach ? (best * side, along) : null;
    }
}
