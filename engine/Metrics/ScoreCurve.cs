namespace MrfAd.Engine.Metrics;

/// <summary>
/// What is found and what is falsely called at every threshold, highest first: one point for each distinct score, so that equal scores are
/// one step. All figures are read off it; definitions are those of the MVTec AD and MVTec AD 2 evaluation code.
/// </summary>
public sealed class ScoreCurve
{
    private readonly List<Point> _points = [new Point(0, 0, 0)];
    private readonly long _ok;
    private readonly long _defects;

    private ScoreCurve(long ok, long defects) => (_ok, _defects) = (ok, defects);

    /// <summary>Sorts its arguments.</summary>
    /// <param name="ok">Scores of the ok ones (pixels, or images).</param>
    /// <param name="defects">Scores of the defective ones.</param>
    /// <param name="weights">Of each defective one in the mean over regions: 1/|R_k|.</param>
    /// <param name="regions">K.</param>
    public static ScoreCurve Of(float[] ok, float[] defects, double[] weights, int regions)
    {
        Array.Sort(ok);
        Array.Sort(defects, weights);
        var curve = new ScoreCurve(ok.LongLength, defects.LongLength);
        var overlap = 0.0;
        for (long i = ok.LongLength - 1, j = defects.LongLength - 1; i >= 0 || j >= 0;)
        {
            var score = Math.Max(i >= 0 ? ok[i] : float.NegativeInfinity, j >= 0 ? defects[j] : float.NegativeInfinity);
            for (; j >= 0 && defects[j] == score; j--)
                overlap += weights[j];
            for (; i >= 0 && ok[i] == score; i--)
            {
            }

            curve.Append(new Point(ok.LongLength - 1 - i, defects.LongLength - 1 - j, overlap / regions));
        }

        return curve;
    }

    /// <summary>Of single things, each a region of its own (image level).</summary>
    public static ScoreCurve Of(float[] ok, float[] defects)
    {
        var weights = new double[defects.Length];
        Array.Fill(weights, 1.0);
        return Of(ok, defects, weights, defects.Length);
    }

    /// <summary>AU-PRO_L: area under the mean overlap of regions against the false-positive rate up to L, divided by L.</summary>
    public double AuPro(double limit) => Area(p => p.Overlap, limit) / limit;

    /// <summary>Area under the ROC curve; up to a false-positive rate L, divided by L ("plain").</summary>
    public double AuRoc(double limit = 1) => Area(p => (double)p.Found / _defects, limit) / limit;

    /// <summary>The partial area under the ROC curve as McClish standardises it: 0.5 for chance, 1 for perfect.</summary>
    public double AuRocMcClish(double limit)
    {
        var chance = limit * limit / 2;
        return 0.5 * (1 + ((Area(p => (double)p.Found / _defects, limit) - chance) / (limit - chance)));
    }

    /// <summary>Sum over thresholds of precision times the recall gained there.</summary>
    public double AveragePrecision()
    {
        var sum = 0.0;
        for (var i = 1; i < _points.Count; i++)
            sum += (_points[i].Found - _points[i - 1].Found) / (double)_defects * Precision(_points[i]);
        return sum;
    }

    /// <summary>The highest F1 over all thresholds.</summary>
    public double BestF1()
    {
        var best = 0.0;
        foreach (var p in _points)
            best = Math.Max(best, 2.0 * p.Found / (p.Found + p.False + _defects));
        return best;
    }

    /// <summary>Points on a straight line between their neighbours change no area; a long run of ok pixels is kept as its two ends.</summary>
    private void Append(Point point)
    {
        if (_points.Count >= 2 && _points[^1].Found == point.Found && _points[^2].Found == point.Found)
            _points[^1] = point;
        else
            _points.Add(point);
    }

    private static double Precision(Point p) => (double)p.Found / (p.Found + p.False);

    /// <summary>Trapezoids from 0 to the limit; the curve is closed by (1, 1), and interpolated where the limit is no point of its own.</summary>
    private double Area(Func<Point, double> height, double limit)
    {
        var area = 0.0;
        var (x, y) = (0.0, 0.0);
        for (var i = 1; i <= _points.Count; i++)
        {
            var (nextX, nextY) = i < _points.Count ? ((double)_points[i].False / _ok, height(_points[i])) : (1.0, 1.0);
            if (nextX > limit)
                return area + ((limit - x) * (y + (y + ((nextY - y) * (limit - x) / (nextX - x)))) / 2);
            area += (nextX - x) * (y + nextY) / 2;
            (x, y) = (nextX, nextY);
        }

        return area;
    }

    /// <param name="False">Ok ones at or above the threshold.</param>
    /// <param name="Found">Defective ones at or above it.</param>
    /// <param name="Overlap">Mean share of the regions at or above it.</param>
    private readonly record struct Point(long False, long Found, double Overlap);
}
