using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;

namespace MrfAd.Station.Pages;

/// <summary>Encodes pictures small enough for a page.</summary>
public static class PagePicture
{
    /// <returns>A JPEG file whose sides are at most <paramref name="side"/> px; of 16-bit samples it shows the high byte.</returns>
    public static byte[] Jpeg(Image image, int side, int quality = 88)
    {
        using var eight = EightBit(image);
        using var small = Fit(eight, side);
        return ImageCodec.Encode(small, ImageFormat.Jpeg, quality);
    }

    /// <returns>A PNG file whose sides are at most <paramref name="side"/> px.</returns>
    public static byte[] Png(Image image, int side)
    {
        using var small = Fit(image, side);
        return ImageCodec.Encode(small, ImageFormat.Png);
    }

    /// <returns>A PNG file with the colours of the heatmap from low to high, [1, 256].</returns>
    public static byte[] Legend()
    {
        using var ramp = Heatmap.Render(new AnomalyMap(256, 1, [.. Enumerable.Range(0, 256).Select(i => (float)i)]), new HeatmapScale(0, 255));
        return ImageCodec.Encode(ramp, ImageFormat.Png);
    }

    /// <returns>The picture as a data: URI.</returns>
    /// <param name="kind">The image subtype, "png" or "jpeg".</param>
    public static string DataUri(byte[] bytes, string kind) => $"data:image/{kind};base64,{Convert.ToBase64String(bytes)}";

    private static Image Fit(Image image, int side)
    {
        var factor = Math.Min(1, side / (double)Math.Max(image.Width, image.Height));
        return ImageResize.Resize(image, Math.Max(1, (int)(image.Width * factor)), Math.Max(1, (int)(image.Height * factor)));
    }

    private static Image EightBit(Image image)
    {
        var eight = new Image(image.Width, image.Height, image.Channels);
        var depth = (int)image.Depth;
        for (var i = 0; i < eight.ByteCount; i++)
            eight.Bytes[i] = image.Bytes[(i * depth) + depth - 1];
        return eight;
    }
}
