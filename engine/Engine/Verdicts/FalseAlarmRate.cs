namespace MrfAd.Engine.Verdicts;

/// <summary>Estimates the false-alarm (false-reject) rate from a number of false alarms among a number of good parts.</summary>
public static class FalseAlarmRate
{
    /// <summary>The confidence level of all intervals here.</summary>
    public const double Confidence = 0.95;

    /// <summary>Computes the Clopper–Pearson interval, which is exact: it covers the rate with at least the confidence.</summary>
    /// <returns>The lower and upper bound of the rate, 0 to 1.</returns>
    public static (double Low, double High) Interval(int alarms, int parts)
    {
        const double tail = (1 - Confidence) / 2;
        var low = alarms == 0 ? 0 : Bisect(p => 1 - BinomialCdf(alarms - 1, parts, p) < tail);
        var high = alarms == parts ? 1 : Bisect(p => BinomialCdf(alarms, parts, p) > tail);
        return (low, high);
    }

    /// <returns>The number of good parts without any alarm with which <see cref="Interval"/> ends below <paramref name="rate"/>.</returns>
    public static int PartsToPromise(double rate) => (int)Math.Ceiling(Math.Log((1 - Confidence) / 2) / Math.Log(1 - rate));

    /// <summary>Returns the largest p for which <paramref name="below"/> is true.</summary>
    private static double Bisect(Func<double, bool> below)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (below(middle))
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>Returns P(X ≤ k) of a binomial variable with n trials of probability p, where 0 &lt; p &lt; 1.</summary>
    private static double BinomialCdf(int k, int n, double p)
    {
        var log = n * Math.Log(1 - p);
        var sum = Math.Exp(log);
        for (var i = 1; i <= k; i++)
        {
            log += Math.Log((double)(n - i + 1) / i) + Math.Log(p / (1 - p));
            sum += Math.Exp(log);
        }

        return Math.Min(1, sum);
    }
}
