namespace MrfAd.Engine.Metrics;

/// <summary>What one threshold gives, each 0 to 1.</summary>
/// <param name="FalsePositiveRate">Ok ones at or above it.</param>
/// <param name="Overlap">PRO: the mean share of the regions at or above it.</param>
/// <param name="TruePositiveRate">Defective ones at or above it.</param>
public readonly record struct CurvePoint(double FalsePositiveRate, double Overlap, double TruePositiveRate);
