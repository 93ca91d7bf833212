namespace MrfAd.Station.Statistics;

/// <summary>The normal and the binomial distribution.</summary>
internal static class Normal
{
    /// <summary>Returns the quantile of the standard normal distribution, by bisection of <see cref="Cdf"/>; at most ±8.</summary>
    public static double Quantile(double p)
    {
        var (low, high) = (-8.0, 8.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (Cdf(middle) < p)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>Returns the probability of a value up to z, from the complementary error function by its continued fraction, and near 0 by its series.</summary>
    public static double Cdf(double z)
    {
        var x = Math.Abs(z);
        double tail;
        if (x < 3)
        {
            // Φ(x) − ½ = φ(x) · Σ x^(2k+1) / (1·3·5…(2k+1))
            var (term, sum) = (x, x);
            for (var k = 1; term > 1e-17 * sum; k++)
            {
                term *= x * x / ((2 * k) + 1);
                sum += term;
            }

            tail = 0.5 - (Density(x) * sum);
        }
        else
        {
            // 1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/…)))
            var fraction = x;
            for (var k = 60; k >= 1; k--)
                fraction = x + (k / fraction);
            tail = Density(x) / fraction;
        }

        return z < 0 ? tail : 1 - tail;
    }

    /// <summary>Returns the probability of at most k successes among n trials of probability p.</summary>
    public static double BinomialCdf(int k, int n, double p)
    {
        if (k < 0)
            return 0;
        if (k >= n || p <= 0)
            return 1;
        if (p >= 1)
            return 0;
        var log = n * Math.Log(1 - p);
        var sum = Math.Exp(log);
        for (var i = 1; i <= k; i++)
        {
            log += Math.Log((double)(n - i + 1) / i) + Math.Log(p / (1 - p));
            sum += Math.Exp(log);
        }

        return Math.Min(1, sum);
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
