namespace MrfAd.Engine.Verdicts;

/// <summary>An image beside the good ones.</summary>
/// <param name="Fault">The first thing that is wrong with it; null where nothing is.</param>
/// <param name="Drift">Null where that was not learned, the image is of another size, or it does not show the part.</param>
public readonly record struct ImageReading(ImageFault? Fault, ImageDrift? Drift);
