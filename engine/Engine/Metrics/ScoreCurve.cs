namespace MrfAd.Engine.Metrics;

/// <summary>
/// True- and false-positive rates at every threshold, highest first; equal scores are one step. All metrics are computed while the
/// points are appended, so a curve of any length takes no memory; definitions are those of the MVTec AD and MVTec AD 2 evaluation code.
/// </summary>
public sealed class ScoreCurve
{
    // A drawing of the curve needs no more points than a screen has pixels; below 5 % false positives, where the metrics are read, ten times as many.
    private const double DrawnStep = 1.0 / 200;
    private const double FineStep = DrawnStep / 10;
    private const double FineBelow = 0.05;

    private readonly long _ok;
    private readonly long _defects;
    private readonly IReadOnlyList<double> _limits;
    private readonly double[] _overlapAreas;
    private readonly double[] _rocAreas;
    private readonly List<CurvePoint> _drawn = [new(0, 0, 0)];
    private CurvePoint _last = new(0, 0, 0);
    private long _found;

    internal ScoreCurve(long ok, long defects, IReadOnlyList<double>? limits)
    {
        (_ok, _defects) = (ok, defects);
        _limits = limits ?? DefaultLimits;
        _overlapAreas = new double[_limits.Count];
        _rocAreas = new double[_limits.Count];
    }

    /// <summary>False-positive rates up to which areas are reported: MVTec AD 2's, MVTec AD's, and the whole.</summary>
    public static IReadOnlyList<double> DefaultLimits { get; } = [0.05, 0.3, 1];

    /// <summary>Sum over thresholds of precision times the recall gained there.</summary>
    public double AveragePrecision { get; private set; }

    /// <summary>The highest F1 over all thresholds.</summary>
    public double BestF1 { get; private set; }

    /// <summary>The points of the curve, thinned out for drawing; metrics are not computed from these points.</summary>
    public IReadOnlyList<CurvePoint> Drawn => _drawn;

    /// <summary>Computes the curve of single samples such as images, each a region of its own.</summary>
    /// <param name="ok">The scores of the ok samples.</param>
    /// <param name="defects">The scores of the defective samples.</param>
    /// <exception cref="MetricException">There are no ok samples, or no defective ones.</exception>
    public static ScoreCurve Of(IEnumerable<float> ok, IEnumerable<float> defects, string set, IReadOnlyList<double>? limits = null)
    {
        var all = ok.Select(s => (Score: s, Defective: false)).Concat(defects.Select(s => (Score: s, Defective: true))).ToList();
        var found = all.Count(s => s.Defective);
        if (found == 0 || found == all.Count)
            throw new MetricException($"{set}: {all.Count - found} good and {found} defective images; want at least one of each");
        var curve = new ScoreCurve(all.Count - found, found, limits);
        var (falseOnes, right) = (0L, 0L);
        foreach (var step in all.GroupBy(s => s.Score).OrderByDescending(g => g.Key))
        {
            right += step.Count(s => s.Defective);
            falseOnes += step.Count(s => !s.Defective);
            curve.Append(falseOnes, right, (double)right / found);
        }

        curve.Close();
        return curve;
    }

    /// <summary>AU-PRO_L: area under the mean overlap of regions against the false-positive rate up to L, divided by L.</summary>
    public double AuPro(double limit) => _overlapAreas[IndexOf(limit)] / limit;

    /// <summary>Area under the ROC curve; up to a false-positive rate L, divided by L ("plain").</summary>
    public double AuRoc(double limit = 1) => _rocAreas[IndexOf(limit)] / limit;

    /// <summary>The partial area under the ROC curve as McClish standardises it: 0.5 for chance, 1 for perfect.</summary>
    public double AuRocMcClish(double limit)
    {
        var chance = limit * limit / 2;
        return 0.5 * (1 + ((_rocAreas[IndexOf(limit)] - chance) / (limit - chance)));
    }

    /// <summary>Appends the next point, at a lower threshold.</summary>
    /// <param name="falseOnes">The number of ok samples at or above the threshold.</param>
    /// <param name="found">The number of defective samples at or above the threshold.</param>
    /// <param name="overlap">The mean share of each region that is at or above the threshold, 0 to 1.</param>
    internal void Append(long falseOnes, long found, double overlap)
    {
        if (found > _found)
        {
            AveragePrecision += (found - _found) / (double)_defects * ((double)found / (found + falseOnes));
            BestF1 = Math.Max(BestF1, 2.0 * found / (found + falseOnes + _defects));
            _found = found;
        }

        MoveTo(new CurvePoint((double)falseOnes / _ok, overlap, (double)found / _defects));
    }

    /// <summary>Appends the end of every curve, where all samples are called defective.</summary>
    internal void Close()
    {
        MoveTo(new CurvePoint(1, 1, 1));
        _drawn.Add(_last);
    }

    /// <summary>Adds a trapezoid to the area of each limit, cut off at the limit, where the curve is interpolated.</summary>
    private void MoveTo(CurvePoint next)
    {
        for (var i = 0; i < _limits.Count; i++)
        {
            var (from, to) = (_last.FalsePositiveRate, Math.Min(next.FalsePositiveRate, _limits[i]));
            if (to <= from)
                continue;
            var share = (to - from) / (next.FalsePositiveRate - from);
            _overlapAreas[i] += (to - from) * (_last.Overlap + (share * (next.Overlap - _last.Overlap) / 2));
            _rocAreas[i] += (to - from) * (_last.TruePositiveRate + (share * (next.TruePositiveRate - _last.TruePositiveRate) / 2));
        }

        var kept = _drawn[^1];
        if (next.FalsePositiveRate - kept.FalsePositiveRate >= (next.FalsePositiveRate <= FineBelow ? FineStep : DrawnStep)
            || next.Overlap - kept.Overlap >= DrawnStep || next.TruePositiveRate - kept.TruePositiveRate >= DrawnStep)
        {
            // The beginning of a jump is drawn, too, so that a step stays a step.
            if (_last != kept && next.FalsePositiveRate - _last.FalsePositiveRate < FineStep)
                _drawn.Add(_last);
            _drawn.Add(next);
        }

        _last = next;
    }

    private int IndexOf(double limit)
    {
        for (var i = 0; i < _limits.Count; i++)
        {
            if (_limits[i] == limit)
                return i;
        }

        throw new ArgumentOutOfRangeException(nameof(limit), limit, $"this curve was made for the limits {string.Join(", ", _limits)}");
    }
}
