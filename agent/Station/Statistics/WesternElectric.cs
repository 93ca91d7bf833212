namespace MrfAd.Station.Statistics;

/// <summary>
/// The four rules of the Western Electric handbook (1956) on a control chart's points, which are given in standard deviations from the centre line:
/// one point beyond 3; two of three beyond 2 on one side; four of five beyond 1 on one side; eight in a row on one side.
/// On a quiet process whose points are normal and independent, all four together signal falsely once in 91.75 points on average; rule 1 alone once in 370.4, rules
/// 1 and 2 in 225.4, 1 and 3 in 166.1, 1 and 4 in 152.7 (Champ and Woodall, Technometrics 29, 1987). After a signal the rules begin anew, as those averages assume.
/// </summary>
public sealed class WesternElectric
{
    /// <summary>The average number of points between false signals.</summary>
    public const double QuietPoints = 91.75;

    /// <summary>The number of points that the longest rule looks at.</summary>
    public const int Window = 8;

    private readonly Queue<double> _points = new();

    /// <summary>The points since the last signal that later ones may still signal with, the newest last.</summary>
    public IReadOnlyCollection<double> Points => _points;

    /// <summary>Restores the points of an earlier run.</summary>
    public void Restore(IEnumerable<double> points)
    {
        _points.Clear();
        foreach (var point in points)
            _points.Enqueue(point);
    }

    /// <summary>Adds a point.</summary>
    /// <param name="z">Its distance from the centre line in standard deviations, negative below; exactly on the line it is on neither side.</param>
    /// <returns>The number of the first rule that signals, 1 to 4, negative where the points are too low; 0 where none does.</returns>
    public int Add(double z)
    {
        _points.Enqueue(z);
        if (_points.Count > Window)
            _points.Dequeue();
        var rule = Rule(1) is var up and > 0 ? up : -Rule(-1);
        if (rule != 0)
            _points.Clear();
        return rule;
    }

    private int Rule(int side)
    {
        if (Beyond(side, last: 1, 3) >= 1)
            return 1;
        if (Beyond(side, last: 3, 2) >= 2)
            return 2;
        if (Beyond(side, last: 5, 1) >= 4)
            return 3;
        return Beyond(side, last: 8, 0) >= 8 ? 4 : 0;
    }

    // The newest point must be one of those that signal; otherwise they did so before, and the rules would have begun anew.
    private int Beyond(int side, int last, double limit) =>
        _points.Count > 0 && _points.Last() * side > limit ? _points.TakeLast(last).Count(z => z * side > limit) : 0;
}
