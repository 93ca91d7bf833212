namespace MrfAd.Cli.Evaluation;

/// <summary>The scores of one image in a variant's map.</summary>
/// <param name="Top">The mean of the highest 1 % of the map.</param>
/// <param name="Hits">Number of defective pixels above the pixel threshold.</param>
/// <param name="Alarms">Number of good pixels above the pixel threshold.</param>
public readonly record struct VariantScores(float Min, float Max, float Top, long Hits, long Alarms);
