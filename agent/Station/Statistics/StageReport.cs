using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>The times of all stages, and how many parts took longer than a limit.</summary>
public sealed record StageReport
{
    public required IReadOnlyList<StageTime> Stages { get; init; }

    [Description("The limit from which parts are counted: the next border of the histogram that is not below the wanted limit, so that the count is exact.")]
    public required double AboveMs { get; init; }

    [Description("The number of parts that took at least so long.")]
    public required long Above { get; init; }

    [Description("The number of parts.")]
    public required long Parts { get; init; }

    [Description("The claim as one would say it: p50 95 ms, 2 of 8640 above 512 ms.")]
    public required string Claim { get; init; }
}
