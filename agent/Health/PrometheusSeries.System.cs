namespace MrfAd.Agent.Health;

/// <summary>One set of labels: a counter's or gauge's value, or a histogram's sum and counts.</summary>
internal sealed class PrometheusSeries(IReadOnlyList<double> buckets)
{
    public double Sum { get; set; }

    public long Count { get; private set; }

    /// <summary>Per bucket, not yet cumulative; what is above the last bucket is only in <see cref="Count"/>.</summary>
    public long[] Counts { get; } = new long[buckets.Count];

    public void Observe(double value)
    {
        Sum += value;
        Count++;
        for (var i = 0; i < Counts.Length; i++)
        {
            if (value <= buckets[i])
            {
                Counts[i]++;
                return;
            }
        }
    }
}
