using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>The verdicts of one hour, shift or day.</summary>
public sealed record PeriodCounts
{
    [Description("The name of the period in the plant's time zone: 2026-11-29T14:00, 2026-11-29/late or 2026-11-29.")]
    public required string Name { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public long Ok { get; init; }

    public long Ng { get; init; }

    public long Invalid { get; init; }

    public long Timeout { get; init; }

    [Description("All parts.")]
    public long Parts => Ok + Ng + Invalid + Timeout;

    [Description("The share of OK among the judged parts, OK and NG; null where there were none.")]
    public double? Yield => Ok + Ng == 0 ? null : Ok / (double)(Ok + Ng);
}
