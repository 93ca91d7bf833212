namespace MrfAd.Station.Dashboard;

/// <param name="IsNg">As it was judged then.</param>
public readonly record struct ScorePoint(DateTimeOffset At, float Score, bool IsNg);
