using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Makes small pictures of parts.</summary>
public static class TestPart
{
    /// <returns>A picture of one grey level.</returns>
    /// <param name="brightness">The grey level of every pixel, which is also the score that the <see cref="FakeInspector"/> gives the part.</param>
    public static Image Make(byte brightness, int width = 32, int height = 24)
    {
        var image = new Image(width, height, 3);
        image.Bytes.Fill(brightness);
        return image;
    }

    /// <summary>Writes a picture as PNG.</summary>
    public static void Write(string path, byte brightness, int width = 32, int height = 24)
    {
        using var image = Make(brightness, width, height);
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
    }
}
