namespace MrfAd.Engine.Verdicts;

/// <summary>How far an image is from a usual good one, in spreads of good images (<see cref="ReferenceValue"/>).</summary>
/// <param name="Light">Negative: darker.</param>
/// <param name="Focus">Negative: less sharp.</param>
/// <param name="X">Positive: to the right; null where parts cannot be found.</param>
/// <param name="Y">Positive: down; null as above.</param>
public readonly record struct ImageDrift(double Light, double Focus, double? X, double? Y);
