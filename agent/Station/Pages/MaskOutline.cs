using System.Globalization;
using System.Text;
using MrfAd.Engine.Images;

namespace MrfAd.Station.Pages;

/// <summary>Traces the outline of a mask as an SVG path.</summary>
public static class MaskOutline
{
    /// <summary>Traces the outline.</summary>
    /// <param name="mask">An image [H, W, C] of 8 bits, whose first channel is not 0 where the part is defective.</param>
    /// <param name="margin">The distance in px between the mask and the path, so that the path does not cover a crack.</param>
    /// <returns>Straight pieces along the edges of pixels, in px; empty where nothing is defective.</returns>
    public static string Trace(Image mask, int margin)
    {
        var (width, height) = (mask.Width, mask.Height);
        var inside = Dilate(mask, margin);
        var path = new StringBuilder();
        for (var y = 0; y <= height; y++)
            Line(path, width, x => IsSet(x, y) != IsSet(x, y - 1), (from, to) => string.Create(CultureInfo.InvariantCulture, $"M{from} {y}H{to}"));
        for (var x = 0; x <= width; x++)
            Line(path, height, y => IsSet(x, y) != IsSet(x - 1, y), (from, to) => string.Create(CultureInfo.InvariantCulture, $"M{x} {from}V{to}"));
        return path.ToString();

        bool IsSet(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && inside[(y * width) + x];
    }

    // [H·W]: true within a disc, with the margin as its radius, around each pixel of the mask.
    private static bool[] Dilate(Image mask, int margin)
    {
        var (width, height) = (mask.Width, mask.Height);
        var wide = new bool[width * height];
        for (var i = 0; i < wide.Length; i++)
        {
            if (mask.Bytes[i * mask.Channels] == 0)
                continue;
            var (x, y) = (i % width, i / width);
            for (var dy = -margin; dy <= margin; dy++)
            {
                if (y + dy < 0 || y + dy >= height)
                    continue;
                var reach = (int)Math.Sqrt((margin * margin) - (dy * dy));
                var from = Math.Max(0, x - reach);
                wide.AsSpan(((y + dy) * width) + from, Math.Min(width - 1, x + reach) - from + 1).Fill(true);
            }
        }

        return wide;
    }

    // Joins neighbouring edges of one row or column.
    private static void Line(StringBuilder path, int length, Func<int, bool> isEdge, Func<int, int, string> piece)
    {
        for (var i = 0; i < length; i++)
        {
            if (!isEdge(i))
                continue;
            var from = i;
            while (i < length && isEdge(i))
                i++;
            path.Append(piece(from, i));
        }
    }
}
