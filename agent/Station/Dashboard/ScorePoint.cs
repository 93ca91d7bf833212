namespace MrfAd.Station.Dashboard;

/// <summary>The score of one part.</summary>
/// <param name="At">The time of the trigger.</param>
/// <param name="Score">The anomaly score.</param>
/// <param name="IsNg">True where the verdict was NG, by the threshold at that time.</param>
public readonly record struct ScorePoint(DateTimeOffset At, float Score, bool IsNg);
