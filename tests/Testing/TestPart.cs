using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Small pictures of parts.</summary>
public static class TestPart
{
    /// <param name="brightness">Of every pixel; the <see cref="FakeInspector"/>'s score of the part.</param>
    public static Image Make(byte brightness, int width = 32, int height = 24)
    {
        var image = new Image(width, height, 3);
        image.Bytes.Fill(brightness);
        return image;
    }

    /// <summary>Writes one as PNG.</summary>
    public static void Write(string path, byte brightness, int width = 32, int height = 24)
    {
        using var image = Make(brightness, width, height);
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
    }
}
