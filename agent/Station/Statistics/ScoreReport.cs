namespace MrfAd.Station.Statistics;

/// <summary>The distribution of scores, and their trend against the threshold.</summary>
public sealed record ScoreReport
{
    public required IReadOnlyList<ScoreBin> Bins { get; init; }

    public required IReadOnlyList<ScorePeriod> Trend { get; init; }
}
