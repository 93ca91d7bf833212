namespace MrfAd.Engine.Verdicts;

/// <summary>The deviation of an image from a typical good one, in spreads of good images (<see cref="ReferenceValue"/>).</summary>
/// <param name="Light">The deviation of the light; negative means darker.</param>
/// <param name="Focus">The deviation of the sharpness; negative means less sharp.</param>
/// <param name="X">The horizontal deviation of the part's position; positive means to the right, null where parts cannot be located.</param>
/// <param name="Y">The vertical deviation of the part's position; positive means down, null where parts cannot be located.</param>
public readonly record struct ImageDrift(double Light, double Focus, double? X, double? Y);
