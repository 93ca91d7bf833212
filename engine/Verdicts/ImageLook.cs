using System.Numerics;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>A few numbers of an image as an image, from some 256 of its lines and a thumbnail: a millisecond or two, whatever its size.</summary>
/// <param name="Brightness">Mean of the (green) samples, 0 to 1.</param>
/// <param name="Saturated">Share of them that are white, 0 to 1.</param>
/// <param name="Sharpness">Root mean square of the Laplacian, by the brightness: light alone does not change it.</param>
/// <param name="Thumbnail">[<see cref="Side"/>, <see cref="Side"/>], mean 0, length 1; all 0 where the image is of one brightness.</param>
public sealed record ImageLook(double Brightness, double Saturated, double Sharpness, float[] Thumbnail)
{
    /// <summary>Enough to see whether the part is there, too little to see a defect.</summary>
    public const int Side = 32;

    // Lines that are looked at: even the finest blur shows on so many.
    private const int Lines = 256;

    // 8 bit: 254 and 255. Noise keeps saturated pixels from being all at the very end.
    private const double White = 253.5 / 255;

    /// <param name="image">Any size, at least 3x3 to have a sharpness.</param>
    public static ImageLook Of(Image image)
    {
        var step = Math.Max(1, image.Height / Lines);
        var (sum, white, laplacian, count) = image.Depth == PixelDepth.Eight
            ? Measure<byte>(image, image.Bytes, step, (byte)(White * 255))
            : Measure<ushort>(image, image.Samples16, step, (ushort)(White * 65535));
        var full = image.Depth == PixelDepth.Eight ? 255.0 : 65535.0;
        var mean = (double)sum / count;
        return new ImageLook(
            mean / full, (double)white / count, Math.Sqrt(laplacian / count) / Math.Max(mean, full / 1000), ThumbnailOf(image));
    }

    private static (long Sum, long White, double Laplacian, long Count) Measure<T>(Image image, Span<T> samples, int step, T most)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (sum, white, laplacian, count) = (0L, 0L, 0.0, 0L);
        var (channels, stride, highest) = (image.Channels, image.Width * image.Channels, int.CreateTruncating(most));
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

    private static float[] ThumbnailOf(Image image)
    {
        using var small = ImageResize.Resize(image, Side, Side);
        var grey = new float[Side * Side];
        for (var i = 0; i < grey.Length; i++)
        {
            for (var c = 0; c < small.Channels; c++)
                grey[i] += small.Depth == PixelDepth.Eight ? small.Bytes[(i * small.Channels) + c] : small.Samples16[(i * small.Channels) + c];
        }

        Normalise(grey);
        return grey;
    }

    internal static void Normalise(Span<float> values)
    {
        var mean = 0f;
        foreach (var value in values)
            mean += value / values.Length;
        var square = 0f;
        foreach (ref var value in values)
        {
            value -= mean;
            square += value * value;
        }

        var scale = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        foreach (ref var value in values)
            value *= scale;
    }
}
