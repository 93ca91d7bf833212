namespace MrfAd.Station.Statistics;

/// <summary>The number of scores from one border to the next.</summary>
public sealed record ScoreBin(double From, double To, long Count);
