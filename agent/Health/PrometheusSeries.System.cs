namespace MrfAd.Agent.Health;

/// <summary>One set of labels: a counter's or gauge's value, or a histogram's sum and counts.</summary>
internal sealed class PrometheusSeries(IReadOnlyList<double> buckets)
{
    public double Sum { get; set; }

    public long Count { get; private set; }

    /// <summary>Per bucket, not yet cumulative; what is above the last bucket is only in <see cref="Count"/>.</summary>
    public long[] Counts { get; } = new long[buckets.Count];

    /// <summary>The last measurement of each bucket, of the one above all others last, that names its verdict.</summary>
    public (object VerdictId, double Value, DateTimeOffset At)?[] Exemplars { get; } = new (object, double, DateTimeOffset)?[buckets.Count + 1];

    public void Observe(double value, object? verdictId, DateTimeOffset at)
    {
        Sum += value;
        Count++;
        var bucket = 0;
        while (bucket < Counts.Length && value > buckets[bucket])
            bucket++;
        if (bucket < Counts.Length)
            Counts[bucket]++;
        if (verdictId is not null)
            Exemplars[bucket] = (verdictId, value, at);
    }
}
