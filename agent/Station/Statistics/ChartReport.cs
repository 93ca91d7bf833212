namespace MrfAd.Station.Statistics;

/// <summary>The last 1000 points of one camera's control charts, the oldest first, and their last signals, the newest first.</summary>
public sealed record ChartReport
{
    public required string Camera { get; init; }

    public required string Product { get; init; }

    public required IReadOnlyList<ChartPoint> Points { get; init; }

    public required IReadOnlyList<ChartSignal> Signals { get; init; }
}
