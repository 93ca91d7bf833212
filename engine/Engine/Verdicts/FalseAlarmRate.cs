namespace MrfAd.Engine.Verdicts;

/// <summary>What a number of false alarms among a number of good parts says of their rate.</summary>
public static class FalseAlarmRate
{
    /// <summary>Of all intervals here.</summary>
    public const double Confidence = 0.95;

    /// <summary>The Clopper–Pearson interval: exact, never too short.</summary>
    /// <returns>Rates in 0…1.</returns>
    public static (double Low, double High) Interval(int alarms, int parts)
    {
        const double tail = (1 - Confidence) / 2;
        var low = alarms == 0 ? 0 : Bisect(p => 1 - AtMost(alarms - 1, parts, p) < tail);
        var high = alarms == parts ? 1 : Bisect(p => AtMost(alarms, parts, p) > tail);
        return (low, high);
    }

    /// <returns>Good parts without any alarm that are needed before <see cref="Interval"/> ends below <paramref name="rate"/>.</returns>
    public static int PartsToPromise(double rate) => (int)Math.Ceiling(Math.Log((1 - Confidence) / 2) / Math.Log(1 - rate));

    /// <summary>The largest p for which <paramref name="below"/> holds.</summary>
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

    /// <summary>P(X ≤ k) of a binomial variable.</summary>
    private static double AtMost(int k, int n, double p)
    {
        if (p <= 0)
            return 1;
        if (p >= 1)
            return k >= n ? 1 : 0;
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
