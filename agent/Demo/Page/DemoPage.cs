using System.Text.Json;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Demo.Page;

/// <summary>The demo's report: one HTML file that loads nothing but the pictures beside it.</summary>
public static class DemoPage
{
    // A phone and a wall screen both show less than this; maps are smooth.
    private const int PictureSide = 800;
    private const int HeatmapSide = 400;

    // The default encoder escapes '<', so that no text can end the script element.
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes <c>index.html</c>.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, PageRun run)
    {
        using var stream = typeof(DemoPage).Assembly.GetManifestResourceStream("DemoPage.html")!;
        using var reader = new StreamReader(stream);
        File.WriteAllText(path, reader.ReadToEnd().Replace("{{RUN}}", JsonSerializer.Serialize(run, Json), StringComparison.Ordinal));
    }

    /// <returns>The picture as the page wants it.</returns>
    public static byte[] Picture(Image image)
    {
        using var eight = EightBit(image);
        using var small = Fit(eight, PictureSide);
        return ImageCodec.Encode(small, ImageFormat.Jpeg, 88);
    }

    /// <inheritdoc cref="Picture"/>
    public static byte[] HeatmapPicture(Image heatmap)
    {
        using var small = Fit(heatmap, HeatmapSide);
        return ImageCodec.Encode(small, ImageFormat.Png);
    }

    /// <returns>The heatmap's colours, low to high, as a data URI.</returns>
    public static string Legend()
    {
        using var ramp = Heatmap.Render(new AnomalyMap(256, 1, [.. Enumerable.Range(0, 256).Select(i => (float)i)]), new HeatmapScale(0, 255));
        return $"data:image/png;base64,{Convert.ToBase64String(ImageCodec.Encode(ramp, ImageFormat.Png))}";
    }

    private static Image Fit(Image image, int side)
    {
        var factor = Math.Min(1, side / (double)Math.Max(image.Width, image.Height));
        return ImageResize.Resize(image, Math.Max(1, (int)(image.Width * factor)), Math.Max(1, (int)(image.Height * factor)));
    }

    // JPEG holds 8 bits: of a 16-bit sample, the high byte.
    private static Image EightBit(Image image)
    {
        var eight = new Image(image.Width, image.Height, image.Channels);
        var depth = (int)image.Depth;
        for (var i = 0; i < eight.ByteCount; i++)
            eight.Bytes[i] = image.Bytes[(i * depth) + depth - 1];
        return eight;
    }
}
