using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>The scores of one period.</summary>
public sealed record ScorePeriod
{
    public required string Name { get; init; }

    public required DateTimeOffset From { get; init; }

    public required long Count { get; init; }

    public required double P10 { get; init; }

    public required double P50 { get; init; }

    public required double P90 { get; init; }

    public required double P99 { get; init; }

    [Description("The threshold of the last part in the period.")]
    public required double Threshold { get; init; }
}
