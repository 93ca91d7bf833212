namespace MrfAd.Engine.Images;

/// <summary>An image that marks pixels of another one, with the values of its file.</summary>
/// <param name="Values">The maximum sample of each pixel's colour, [H·W]; of 16-bit samples the high byte, but at least 1 where the sample is not 0.</param>
/// <param name="Opacity">The opacity, [H·W], 0 where the pixel is transparent; null where the file has no transparency.</param>
/// <param name="IsLossy">True where the format changes values when it is written (JPEG).</param>
public sealed record MaskImage(int Width, int Height, byte[] Values, byte[]? Opacity, bool IsLossy);
