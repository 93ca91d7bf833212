namespace MrfAd.Engine.Verdicts;

/// <summary>The comparison of an image with the good ones.</summary>
/// <param name="Fault">The first fault found; null where there is none.</param>
/// <param name="Drift">The drift; null where no reference was learned, the image is of another size, or it does not show the part.</param>
public readonly record struct ImageReading(ImageFault? Fault, ImageDrift? Drift);
