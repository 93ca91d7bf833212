using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>The time in one stage, in milliseconds.</summary>
public sealed record StageTime
{
    public required string Stage { get; init; }

    [Description("The number of parts that reached the stage.")]
    public required long Count { get; init; }

    [Description("The median, within 1.5 %.")]
    public required double P50Ms { get; init; }

    [Description("The 99th percentile, within 1.5 %.")]
    public required double P99Ms { get; init; }

    [Description("The largest, exactly.")]
    public required double MaxMs { get; init; }
}
