namespace MrfAd.Engine.Images;

/// <summary>A picture that marks pixels of another one, as it lies in its file.</summary>
/// <param name="Values">[H·W], the largest sample of each pixel's colour; of 16 bits the upper ones, and at least 1 where it is not 0.</param>
/// <param name="Opacity">[H·W], 0 where the pixel is transparent; null: the file has no transparency.</param>
/// <param name="IsLossy">The format changes values when it is written (JPEG).</param>
public sealed record MaskImage(int Width, int Height, byte[] Values, byte[]? Opacity, bool IsLossy);
