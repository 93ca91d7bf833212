namespace MrfAd.Engine.Fusion;

/// <summary>
/// The anomaly scores at the two ends of a heatmap's colours. Learned at calibration and fixed since then: the same
/// score has the same colour in every picture, so a good part stays dark.
/// </summary>
public sealed record HeatmapScale(float Low, float High);
