using MrfAd.Engine.Images;

namespace MrfAd.Engine.Defects;

/// <summary>The samples of an image as shares of their full range, whatever its depth is.</summary>
internal readonly struct Samples(Image image)
{
    public int Width => image.Width;

    public int Height => image.Height;

    public int Channels => image.Channels;

    public float this[int x, int y, int channel]
    {
        get
        {
            var at = (((y * image.Width) + x) * image.Channels) + channel;
            return image.Depth == PixelDepth.Eight ? image.Bytes[at] / 255f : image.Samples16[at] / 65535f;
        }

        set
        {
            var at = (((y * image.Width) + x) * image.Channels) + channel;
            var share = Math.Clamp(value, 0, 1);
            if (image.Depth == PixelDepth.Eight)
                image.Bytes[at] = (byte)MathF.Round(share * 255);
            else
                image.Samples16[at] = (ushort)MathF.Round(share * 65535);
        }
    }

    /// <summary>Returns the median of each channel over the image's border, one pixel wide.</summary>
    public float[] Border()
    {
        var (self, border) = (this, new float[Channels]);
        for (var c = 0; c < border.Length; c++)
        {
            var channel = c;
            float[] values =
            [
                .. Enumerable.Range(0, Width).SelectMany(x => new[] { self[x, 0, channel], self[x, self.Height - 1, channel] }),
                .. Enumerable.Range(0, Height).SelectMany(y => new[] { self[0, y, channel], self[self.Width - 1, y, channel] }),
            ];
            Array.Sort(values);
            border[c] = values[values.Length / 2];
        }

        return border;
    }

    /// <summary>Returns the mean of a channel over a square that is cut at the image's edges, of at most 15 × 15 evenly spread samples.</summary>
    public float Mean(int x, int y, int channel, int reach)
    {
        var (sum, count, step) = (0f, 0, Math.Max(1, reach / 7));
        for (var v = Math.Max(0, y - reach); v <= Math.Min(Height - 1, y + reach); v += step)
        {
            for (var u = Math.Max(0, x - reach); u <= Math.Min(Width - 1, x + reach); u += step)
                (sum, count) = (sum + this[u, v, channel], count + 1);
        }

        return sum / count;
    }
}
