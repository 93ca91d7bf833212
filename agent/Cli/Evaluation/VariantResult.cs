using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <param name="Figures">By <see cref="Figure.Key"/>; one that does not exist for the set is absent.</param>
/// <param name="PixelThreshold">mean + 3·std of good-only held-out pixels, or the one given; null: there is none, and no SegF1 and ClassF1.</param>
/// <param name="PixelCurve">Of the fused map and of each scale, thinned out and rounded for drawing; empty for others, and where there are no masks.</param>
public sealed record VariantResult(string Name, IReadOnlyDictionary<string, double> Figures, double? PixelThreshold, IReadOnlyList<CurvePoint> PixelCurve);
