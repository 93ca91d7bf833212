namespace MrfAd.Engine.Metrics;

/// <summary>The rates at one threshold, each 0 to 1.</summary>
/// <param name="FalsePositiveRate">The share of ok samples at or above the threshold.</param>
/// <param name="Overlap">PRO: the mean share of each region that is at or above the threshold.</param>
/// <param name="TruePositiveRate">The share of defective samples at or above the threshold.</param>
public readonly record struct CurvePoint(double FalsePositiveRate, double Overlap, double TruePositiveRate);
