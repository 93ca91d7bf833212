namespace MrfAd.Station.Statistics;

/// <summary>
/// The individuals control charts of one camera and product: a point for so many parts, with their NG share and the median of their scores. The limits come from up to 200
/// points of the same bank and threshold that ended 25 points ago, so that a sudden change does not move them while it is signalled, and a slow one of a
/// season does.
/// </summary>
/// <param name="parts">The number of parts in a point.</param>
/// <param name="earlier">The last points of the chart, the oldest first; at least <see cref="Memory"/> of them where there are so many.</param>
public sealed class ControlChart(string camera, string product, int parts, ChartState state, IEnumerable<ChartPoint> earlier)
{
    /// <summary>The number of earlier points that a new one is compared with.</summary>
    public const int Memory = Baseline + Gap;

    private const int Baseline = 200, Gap = 25;

    // With fewer points the limits themselves would be too uncertain: of 50, the standard deviation is known to 12 %.
    private const int MinBaseline = 50;

    // The mean distance between two neighbours, divided by this, estimates the standard deviation of normal values (the factor d2 for two).
    private const double MeanRangeOfTwo = 1.128;

    // Of n points the estimate is uncertain by 0.87/√n; simulated, 1 + 5/n brings the false signals back to what the rules promise.
    private const double SigmaMargin = 5;

    private readonly List<ChartPoint> _points = [.. earlier.Where(p => p.Phase == state.Phase)];
    private readonly List<double> _scores = [.. state.Scores];
    private readonly WesternElectric _share = Rules(state.Share), _median = Rules(state.Median);
    private string _phase = state.Phase;
    private int _ng = state.Ng;

    /// <summary>The state that is kept until the next part.</summary>
    public ChartState State => new() { Phase = _phase, Ng = _ng, Scores = [.. _scores], Share = [.. _share.Points], Median = [.. _median.Points] };

    /// <summary>Adds a judged part.</summary>
    /// <param name="phase">The bank and threshold that judged; another one than before begins the chart anew.</param>
    /// <returns>The point that it completes; null where more parts are wanted.</returns>
    public ChartPoint? Add(long number, long at, string phase, bool isNg, double score)
    {
        if (phase != _phase)
            Begin(phase);
        _scores.Add(score);
        _ng += isNg ? 1 : 0;
        if (_scores.Count < parts)
            return null;
        var point = Complete(number, at);
        _points.Add(point);
        if (_points.Count > Memory)
            _points.RemoveAt(0);
        return point;
    }

    private void Begin(string phase)
    {
        (_phase, _ng) = (phase, 0);
        _scores.Clear();
        _points.Clear();
        _share.Restore([]);
        _median.Restore([]);
    }

    private ChartPoint Complete(long number, long at)
    {
        _scores.Sort();
        var point = new ChartPoint
        {
            Number = number,
            Camera = camera,
            Product = product,
            Phase = _phase,
            At = DateTimeOffset.FromUnixTimeMilliseconds(at),
            Parts = _scores.Count,
            Ng = _ng,
            Median = (_scores[(_scores.Count - 1) / 2] + _scores[_scores.Count / 2]) / 2,
        };
        _scores.Clear();
        _ng = 0;
        var baseline = _points.SkipLast(Gap).ToList();
        return baseline.Count < MinBaseline ? point : WithMedian(WithShare(point, baseline), baseline);
    }

    private ChartPoint WithShare(ChartPoint point, List<ChartPoint> baseline)
    {
        // Half an NG part and half an OK part more: with none at all so far, the first one is no certainty.
        var center = (baseline.Sum(p => p.Ng) + 0.5) / (baseline.Sum(p => p.Parts) + 1);
        var z = ShareZ(point.Ng, point.Parts, center);
        return point with { ShareCenter = center, ShareZ = z, ShareRule = _share.Add(z) };
    }

    private ChartPoint WithMedian(ChartPoint point, List<ChartPoint> baseline)
    {
        // Scores are positive and skewed: their logarithms are nearer to normal.
        var logs = baseline.Select(p => Log(p.Median)).ToList();
        var mean = logs.Average();
        var sigma = logs.Zip(logs.Skip(1)).Average(pair => Math.Abs(pair.Second - pair.First)) / MeanRangeOfTwo;
        // Both are estimates. Without a margin the rules would signal falsely a tenth more often than they promise, with 200 points.
        var margin = Math.Sqrt(1 + (1.0 / logs.Count)) * (1 + (SigmaMargin / logs.Count));
        var z = sigma > 0 ? (Log(point.Median) - mean) / (sigma * margin) : 0;
        return point with { MedianCenter = Math.Exp(mean), MedianSigma = Math.Exp(sigma), MedianZ = z, MedianRule = _median.Add(z) };
    }

    /// <summary>
    /// Returns the distance of a number of NG parts from the expected one in standard deviations: that at which a normal value is as improbable. The share of few parts is
    /// far from normal, and with plain standard deviations rare NG parts would signal falsely many times as often as the rules promise.
    /// </summary>
    public static double ShareZ(int ng, int parts, double center)
    {
        var above = 1 - Normal.BinomialCdf(ng - 1, parts, center);
        var below = Normal.BinomialCdf(ng, parts, center);
        return above < 0.5 ? -Normal.Quantile(above) : below < 0.5 ? Normal.Quantile(below) : 0;
    }

    private static double Log(double score) => Math.Log(Math.Max(score, 1e-12));

    private static WesternElectric Rules(IEnumerable<double> points)
    {
        var rules = new WesternElectric();
        rules.Restore(points);
        return rules;
    }
}
