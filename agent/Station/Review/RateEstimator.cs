namespace MrfAd.Station.Review;

/// <summary>
/// Estimates how many good parts are rejected (overkill) and how many bad ones are passed (escapes). NG parts and OK parts are looked at separately, since far more NG parts get a label: the labelled ones
/// of each kind stand for all of that kind. Every share is known as exactly as the number of its labels allows, and has the distribution Beta(k + ½, n − k + ½)
/// (Jeffreys); the intervals hold 95 % of the rates that 4000 draws from those distributions give.
/// </summary>
public sealed class RateEstimator
{
    private const int Draws = 4000;

    // Of a curve with many thresholds each gets fewer draws: their ends are known to about 1 % of the interval.
    private const int CurveDraws = 1000, CurvePoints = 60;

    private readonly LabelledParts _parts;
    private readonly Labels _ng, _ok;

    public RateEstimator(LabelledParts parts)
    {
        _parts = parts;
        _ng = new Labels(parts.Parts.Where(p => p.IsNg));
        _ok = new Labels(parts.Parts.Where(p => !p.IsNg && p.IsSample));
    }

    /// <returns>The rates of the verdicts as they were given.</returns>
    public MeasuredRates Measure()
    {
        var (falseReject, miss) = Estimate(null, Draws);
        return new MeasuredRates
        {
            FalseReject = falseReject,
            Miss = miss,
            Ng = _parts.Ng,
            Ok = _parts.Ok,
            NgGood = _ng.Good.Length,
            NgBad = _ng.Bad.Length,
            SampleGood = _ok.Good.Length,
            SampleBad = _ok.Bad.Length,
            KnownMisses = _parts.Parts.Count(p => !p.IsNg && p.IsBad),
        };
    }

    /// <returns>The rates at thresholds from the lowest to the highest score of a labelled part, the current threshold among them; empty without labels.</returns>
    /// <param name="current">The threshold that judges now.</param>
    public IReadOnlyList<ThresholdChoice> Curve(double current)
    {
        double[] scores = [.. _ng.Good, .. _ng.Bad, .. _ok.Good, .. _ok.Bad];
        if (scores.Length == 0)
            return [];
        var (low, high) = (Math.Min(scores.Min(), current), Math.Max(scores.Max(), current) * 1.01);
        var thresholds = Enumerable.Range(0, CurvePoints).Select(i => low * Math.Pow(high / low, i / (CurvePoints - 1.0))).Append(current).Distinct().Order();
        return
        [
            .. from threshold in thresholds
               let rates = Estimate((threshold, current), CurveDraws)
               select new ThresholdChoice(threshold, rates.FalseReject, rates.Miss, threshold == current),
        ];
    }

    private (Rate FalseReject, Rate Miss) Estimate((double Wanted, double Current)? threshold, int draws)
    {
        // What is estimated twice is the same: the seed is fixed.
        var random = new Random(1);
        var (rejects, misses) = (new double[draws], new double[draws]);
        for (var i = 0; i < draws; i++)
        {
            var shares = Draw((k, n) => n == 0 ? double.NaN : BetaSample.Draw(random, k + 0.5, n - k + 0.5), threshold);
            (rejects[i], misses[i]) = (shares.FalseReject ?? 0, shares.Miss ?? 0);
        }

        var best = Draw((k, n) => n == 0 ? double.NaN : (double)k / n, threshold);
        return (Interval(best.FalseReject, rejects, _ng.Count > 0), Interval(best.Miss, misses, _ok.Count > 0));
    }

    /// <summary>Computes both rates from shares.</summary>
    /// <param name="share">Gives the share for k of n: its estimate, or a draw from its distribution.</param>
    private (double? FalseReject, double? Miss) Draw(Func<long, long, double> share, (double Wanted, double Current)? threshold)
    {
        var ng = share(_parts.Ng, _parts.Ng + _parts.Ok);
        var (ngBad, okBad) = (share(_ng.Bad.Length, _ng.Count), share(_ok.Bad.Length, _ok.Count));
        // Without labels of a kind its parts are taken for what they were judged.
        (ngBad, okBad) = (double.IsNaN(ngBad) ? 1 : ngBad, double.IsNaN(okBad) ? 0 : okBad);
        var (goodNg, badNg) = (Above(_ng.Good, isNg: true), Above(_ng.Bad, isNg: true));
        var (goodOk, badOk) = (Above(_ok.Good, isNg: false), Above(_ok.Bad, isNg: false));
        var good = (ng * (1 - ngBad)) + ((1 - ng) * (1 - okBad));
        var bad = (ng * ngBad) + ((1 - ng) * okBad);
        var rejected = (ng * (1 - ngBad) * goodNg) + ((1 - ng) * (1 - okBad) * goodOk);
        var missed = (ng * ngBad * (1 - badNg)) + ((1 - ng) * okBad * (1 - badOk));
        return (good > 0 ? rejected / good : null, bad > 0 ? missed / bad : null);

        // The share of such parts that the wanted threshold would reject.
        double Above(double[] scores, bool isNg)
        {
            if (threshold is not { } t || (isNg && t.Wanted <= t.Current) || (!isNg && t.Wanted >= t.Current))
                return isNg ? 1 : 0;
            var above = share(scores.Count(s => s >= t.Wanted), scores.Length);
            return double.IsNaN(above) ? isNg ? 1 : 0 : above;
        }
    }

    private static Rate Interval(double? best, double[] draws, bool isKnown)
    {
        if (!isKnown || best is not { } value)
            return new Rate(null, 0, 1);
        Array.Sort(draws);
        var (low, high) = (draws[(int)(draws.Length * 0.025)], draws[(int)(draws.Length * 0.975) - 1]);
        return new Rate(value, value == 0 ? 0 : Math.Min(low, value), value == 1 ? 1 : Math.Max(high, value));
    }

    /// <summary>The scores of the parts of one verdict, by label.</summary>
    private sealed class Labels
    {
        public Labels(IEnumerable<LabelledPart> parts)
        {
            var all = parts.ToList();
            Good = [.. all.Where(p => !p.IsBad).Select(p => p.Score)];
            Bad = [.. all.Where(p => p.IsBad).Select(p => p.Score)];
        }

        public double[] Good { get; }

        public double[] Bad { get; }

        public int Count => Good.Length + Bad.Length;
    }
}
