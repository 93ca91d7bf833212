using System.Buffers;
using System.Numerics;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Codes;

/// <summary>Makes grey images of 8 bits, as the decoder takes them.</summary>
internal static class GreyPixels
{
    // The share of pixels that may be darker than black and brighter than white: specks do not compress the rest. A small code in a large frame has more dark ones.
    private const double Clipped = 1 / 20_000.0;

    private const int Bins = 4096;

    /// <summary>Copies a rectangle of an image as grey, stretched so that its darkest pixels are black and its brightest are white.</summary>
    /// <returns>A new image [H, W, 1] of 8 bits, which the caller owns.</returns>
    public static Image Copy(Image image, PixelBox box)
    {
        var buffer = ArrayPool<ushort>.Shared.Rent(box.Width * box.Height);
        try
        {
            var values = buffer.AsSpan(0, box.Width * box.Height);
            for (var y = 0; y < box.Height; y++)
            {
                var start = (((box.Y + y) * image.Width) + box.X) * image.Channels;
                var row = values.Slice(y * box.Width, box.Width);
                if (image.Depth == PixelDepth.Eight)
                    Grey(image.Bytes[start..], image.Channels, 257, row);
                else
                    Grey(image.Samples16[start..], image.Channels, 1, row);
            }

            var grey = new Image(box.Width, box.Height, 1);
            Stretch(values, grey.Bytes);
            return grey;
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(buffer);
        }
    }

    private static void Grey<T>(Span<T> samples, int channels, int scale, Span<ushort> grey)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var x = 0; x < grey.Length; x++)
        {
            var at = x * channels;
            // Green counts twice, as most of the light is green.
            var value = channels == 1
                ? int.CreateTruncating(samples[at])
                : (int.CreateTruncating(samples[at]) + (2 * int.CreateTruncating(samples[at + 1])) + int.CreateTruncating(samples[at + 2])) / 4;
            grey[x] = (ushort)(value * scale);
        }
    }

    private static void Stretch(ReadOnlySpan<ushort> values, Span<byte> stretched)
    {
        Span<int> counts = new int[Bins];
        foreach (var value in values)
            counts[value >> 4]++;
        var limit = (int)(Clipped * values.Length);
        var (low, high) = (0, Bins - 1);
        for (var below = counts[0]; below <= limit && low < Bins - 1; below += counts[low])
            low++;
        for (var above = counts[Bins - 1]; above <= limit && high > low; above += counts[high])
            high--;
        var (black, range) = (low << 4, Math.Max(16, (high - low) << 4));
        for (var i = 0; i < values.Length; i++)
            stretched[i] = (byte)Math.Clamp((values[i] - black) * 255 / range, 0, 255);
    }
}
