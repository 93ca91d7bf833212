namespace MrfAd.Cli.Evaluation;

/// <summary>What a variant's map says of one image.</summary>
/// <param name="Top">The mean of its highest 1 %.</param>
/// <param name="Hits">Defective pixels above the pixel threshold.</param>
/// <param name="Alarms">Ok pixels above it.</param>
public readonly record struct VariantScores(float Min, float Max, float Top, long Hits, long Alarms);
