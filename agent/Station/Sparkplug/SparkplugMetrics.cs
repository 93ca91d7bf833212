using MrfAd.Contracts;
using MrfAd.Station.Sparkplug.Format;

namespace MrfAd.Station.Sparkplug;

/// <summary>Converts verdicts to Sparkplug metrics, which have the names of the verdict message.</summary>
public static class SparkplugMetrics
{
    /// <summary>The name of the metric that ties a death to its birth.</summary>
    public const string DeathSequence = "bdSeq";
    /// <summary>The name of the command metric by which a host asks for a new birth.</summary>
    public const string Rebirth = "Node Control/Rebirth";

    // Data types of the specification, 6.4.16.
    private const uint Int32 = 3, Int64 = 4, Float = 9, Double = 10, Boolean = 11, String = 12, DateTime = 13;

    /// <returns>The metrics of a verdict.</returns>
    /// <param name="verdict">The verdict; null where the camera has given none yet, and every value is null.</param>
    /// <param name="historical">True for a verdict that was not sent when it was new, and is no current value.</param>
    public static IEnumerable<Metric> Of(VerdictMessage? verdict, bool historical, DateTimeOffset now)
    {
        var at = verdict?.CapturedAt ?? verdict?.Trigger.At ?? now;
        Metric[] metrics =
        [
            Text("id", verdict?.Id.ToString()),
            Long("seq", Int64, verdict?.Seq),
            Text("product", verdict?.Product),
            Text("verdict", verdict?.Verdict.ToText()),
            Text("reason", verdict?.Reason),
            Metric("score", Float, verdict?.Score is { } score ? new() { FloatValue = score } : null),
            Metric("threshold", Float, verdict?.Threshold is { } threshold ? new() { FloatValue = threshold } : null),
            Metric("p_value", Double, verdict?.PValue is { } p ? new() { DoubleValue = p } : null),
            Metric("regions", Int32, verdict is null ? null : new() { IntValue = (uint)verdict.Regions.Count }),
            Metric("degraded", Boolean, verdict is null ? null : new() { BooleanValue = verdict.Degraded }),
            Text("trigger/id", verdict?.Trigger.Id),
            Text("serial", verdict?.Serial),
            Long("captured_at", DateTime, verdict?.CapturedAt?.ToUnixTimeMilliseconds()),
            Text("bank/id", verdict?.Bank?.Id),
            Long("bank/version", Int64, verdict?.Bank?.Version),
        ];
        foreach (var metric in metrics)
        {
            metric.Timestamp = (ulong)at.ToUnixTimeMilliseconds();
            if (historical)
                metric.IsHistorical = true;
        }

        return metrics;
    }

    public static Metric Text(string name, string? value) => Metric(name, String, value is null ? null : new() { StringValue = value });

    public static Metric Death(byte number) => Long(DeathSequence, Int64, number);

    public static Metric RebirthSwitch() => Metric(Rebirth, Boolean, new() { BooleanValue = false });

    private static Metric Long(string name, uint type, long? value) => Metric(name, type, value is { } number ? new() { LongValue = (ulong)number } : null);

    private static Metric Metric(string name, uint type, Metric? value)
    {
        var metric = value ?? new Metric { IsNull = true };
        metric.Name = name;
        metric.Datatype = type;
        return metric;
    }
}
