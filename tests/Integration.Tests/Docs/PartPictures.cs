using MrfAd.Engine.Images;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>Small pictures of a bright plate on a dark ground; a defective one has a hole.</summary>
internal static class PartPictures
{
    public const int Width = 96;
    public const int Height = 96;

    /// <summary>Writes pictures named by consecutive numbers, such as 007.png.</summary>
    public static void WriteFolder(string folder, int first, int count, bool defective = false)
    {
        for (var i = first; i < first + count; i++)
            Write(Path.Combine(folder, $"{i:000}.png"), seed: i, defective);
    }

    public static void Write(string path, int seed, bool defective = false)
    {
        var random = new Random(seed);
        using var image = new Image(Width, Height, 3);
        for (var i = 0; i < Width * Height; i++)
        {
            var (y, x) = Math.DivRem(i, Width);
            var isPlate = x is >= 16 and < 80 && y is >= 16 and < 80;
            var isHole = defective && x is >= 40 and < 60 && y is >= 30 and < 50;
            image.Bytes.Slice(3 * i, 3).Fill((byte)((isPlate && !isHole ? 200 : 40) + random.Next(-10, 11)));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
    }
}
