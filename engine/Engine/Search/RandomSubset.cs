namespace MrfAd.Engine.Search;

internal static class RandomSubset
{
    /// <summary>Chooses <paramref name="k"/> different numbers below <paramref name="n"/>, each set equally likely (Floyd's method), in rising order.</summary>
    public static long[] Of(long n, int k, Random random)
    {
        var chosen = new HashSet<long>(k);
        for (var j = n - k; j < n; j++)
        {
            var t = random.NextInt64(j + 1);
            if (!chosen.Add(t))
                chosen.Add(j);
        }

        var rising = chosen.ToArray();
        Array.Sort(rising);
        return rising;
    }
}
