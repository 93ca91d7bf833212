using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>The figures of one variant.</summary>
/// <param name="Figures">Values by <see cref="Figure.Key"/>; a figure that the set does not allow is absent.</param>
/// <param name="PixelThreshold">Mean + 3·std of the pixels of held-out good images, or the user's threshold; null if there is none, and then SegF1 and ClassF1 are absent.</param>
/// <param name="PixelCurve">The curve over all pixels, thinned out and rounded for drawing; only for the fused map and each scale, and empty without masks.</param>
public sealed record VariantResult(string Name, IReadOnlyDictionary<string, double> Figures, double? PixelThreshold, IReadOnlyList<CurvePoint> PixelCurve);
