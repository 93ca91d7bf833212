using System.Numerics;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>Statistics of an image's brightness, sharpness and content, from some 256 of its lines and a thumbnail: one or two milliseconds for any size.</summary>
/// <param name="Brightness">Mean of the (green) samples, 0 to 1.</param>
/// <param name="Saturated">Share of the (green) samples that are white, 0 to 1.</param>
/// <param name="Sharpness">Root mean square of the Laplacian divided by the brightness, so that the light does not change it.</param>
/// <param name="Grey">The grey thumbnail, [<see cref="Side"/>, <see cref="Side"/>], 0 to 1.</param>
/// <param name="Thumbnail">The thumbnail normalised to mean 0 and length 1; all 0 where the image is of one brightness.</param>
public sealed record ImageStatistics(double Brightness, double Saturated, double Sharpness, float[] Grey, float[] Thumbnail)
{
    /// <summary>Side of the thumbnail, px: enough to see whether the part is there, too little to see a defect.</summary>
    public const int Side = 32;

    // The number of lines that are measured, enough to detect even slight blur.
    private const int Lines = 256;

    // In 8 bits, 254 and 255 are white: noise keeps saturated pixels from being all at the maximum.
    private const double White = 253.5 / 255;

    /// <param name="image">An image of any size; the sharpness needs at least 3x3.</param>
    public static ImageStatistics Of(Image image)
    {
        var step = Math.Max(1, image.Height / Lines);
        var (sum, white, laplacian, count) = image.Depth == PixelDepth.Eight
            ? Measure<byte>(image, image.Bytes, step, (byte)(White * 255))
            : Measure<ushort>(image, image.Samples16, step, (ushort)(White * 65535));
        var full = image.Depth == PixelDepth.Eight ? 255.0 : 65535.0;
        var mean = (double)sum / count;
        var grey = GreyOf(image, full);
        return new ImageStatistics(
            mean / full, (double)white / count, Math.Sqrt(laplacian / count) / Math.Max(mean, full / 1000), grey, Normalised(grey));
    }

    private static (long Sum, long White, double Laplacian, long Count) Measure<T>(Image image, Span<T> samples, int step, T maxSample)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (sum, white, laplacian, count) = (0L, 0L, 0.0, 0L);
        var (channels, stride, highest) = (image.Channels, image.Width * image.Channels, int.CreateTruncating(maxSample));
        var green = channels == 3 ? 1 : 0;
        for (var y = 1; y < image.Height - 1; y += step)
        {
            var above = samples.Slice((y - 1) * stride, stride);
            var line = samples.Slice(y * stride, stride);
            var below = samples.Slice((y + 1) * stride, stride);
            var squares = 0L;
            for (var x = green + channels; x < stride - channels; x += channels)
            {
                var value = int.CreateTruncating(line[x]);
                long bend = (4 * value) - int.CreateTruncating(line[x - channels]) - int.CreateTruncating(line[x + channels])
                    - int.CreateTruncating(above[x]) - int.CreateTruncating(below[x]);
                squares += bend * bend;
                sum += value;
                white += value > highest ? 1 : 0;
            }

            laplacian += squares;
            count += image.Width - 2;
        }

        return (sum, white, laplacian, Math.Max(count, 1));
    }

    private static float[] GreyOf(Image image, double full)
    {
        using var small = ImageResize.Resize(image, Side, Side);
        var grey = new float[Side * Side];
        var scale = (float)(1 / (full * small.Channels));
        for (var i = 0; i < grey.Length; i++)
        {
            for (var c = 0; c < small.Channels; c++)
                grey[i] += scale * (small.Depth == PixelDepth.Eight ? small.Bytes[(i * small.Channels) + c] : small.Samples16[(i * small.Channels) + c]);
        }

        return grey;
    }

    private static float[] Normalised(float[] grey)
    {
        var mean = grey.Average();
        var values = Array.ConvertAll(grey, v => v - mean);
        var length = MathF.Sqrt(values.Sum(v => v * v));
        return Array.ConvertAll(values, v => length > 0 ? v / length : 0);
    }
}
