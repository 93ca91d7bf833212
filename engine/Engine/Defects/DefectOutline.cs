namespace MrfAd.Engine.Defects;

/// <summary>The place and shape of a defect: how much of each pixel it covers.</summary>
internal sealed class DefectOutline
{
    // The harmonics that make an outline uneven, and the steps in which a line is drawn.
    private const int Harmonics = 4, Steps = 48;

    private readonly (double X, double Y)[] _line;
    private readonly double[] _amplitudes;
    private readonly double[] _phases;
    private readonly double _radius;

    private DefectOutline((double X, double Y)[] line, double radius, double[] amplitudes, double[] phases) =>
        (_line, _radius, _amplitudes, _phases) = (line, radius, amplitudes, phases);

    /// <summary>An uneven spot about a centre.</summary>
    public static DefectOutline Spot((double X, double Y) centre, double radius, Random random) => new(
        [centre], radius,
        [.. Enumerable.Range(0, Harmonics).Select(k => 0.25 * random.NextDouble() / (1 + k))],
        [.. Enumerable.Range(0, Harmonics).Select(_ => 2 * Math.PI * random.NextDouble())]);

    /// <summary>A bent line from a start.</summary>
    public static DefectOutline Line((double X, double Y) start, double length, double width, Random random)
    {
        var line = new (double X, double Y)[Steps];
        var (angle, bend) = (2 * Math.PI * random.NextDouble(), 0.06 * (random.NextDouble() - 0.5));
        line[0] = start;
        for (var i = 1; i < Steps; i++)
        {
            angle += bend + (0.05 * (random.NextDouble() - 0.5));
            line[i] = (line[i - 1].X + (length / Steps * Math.Cos(angle)), line[i - 1].Y + (length / Steps * Math.Sin(angle)));
        }

        return new DefectOutline(line, width / 2, [], []);
    }

    /// <summary>The box, cut at the image's edges, outside of which nothing is covered.</summary>
    public (int Left, int Top, int Right, int Bottom) Box(int width, int height)
    {
        var reach = (_radius * (1 + _amplitudes.Sum())) + 1;
        return (Math.Max(0, (int)(_line.Min(p => p.X) - reach)), Math.Max(0, (int)(_line.Min(p => p.Y) - reach)),
            Math.Min(width, (int)(_line.Max(p => p.X) + reach) + 1), Math.Min(height, (int)(_line.Max(p => p.Y) + reach) + 1));
    }

    /// <summary>Returns the share of a pixel that is covered, 0 to 1; the edge is one pixel wide.</summary>
    public float Coverage(int x, int y)
    {
        var nearest = _line.MinBy(p => Square(p, x, y));
        var edge = _radius;
        if (_amplitudes.Length > 0)
        {
            var angle = Math.Atan2(y + 0.5 - nearest.Y, x + 0.5 - nearest.X);
            for (var k = 0; k < _amplitudes.Length; k++)
                edge += _radius * _amplitudes[k] * Math.Cos(((k + 2) * angle) + _phases[k]);
        }

        return (float)Math.Clamp(0.5 + edge - Math.Sqrt(Square(nearest, x, y)), 0, 1);
    }

    private static double Square((double X, double Y) p, int x, int y) => Math.Pow(x + 0.5 - p.X, 2) + Math.Pow(y + 0.5 - p.Y, 2);
}
