using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Writes a small data set of noisy grey parts; defective parts have a dark square, which their masks mark.</summary>
public static class TestDataset
{
    public const int Width = 96;
    public const int Height = 64;

    /// <summary>Writes an object in MVTec AD's layout.</summary>
    /// <returns>The object's folder.</returns>
    public static string WriteMvtecAd(string root, string name = "part", int train = 8, int good = 4, int defective = 4)
    {
        Good(Path.Combine(root, name, "train/good"), train, seed: 100);
        Good(Path.Combine(root, name, "test/good"), good, seed: 200);
        Defective(Path.Combine(root, name, "test/hole"), Path.Combine(root, name, "ground_truth/hole"), defective);
        return Path.Combine(root, name);
    }

    /// <summary>Writes an object in MVTec AD 2's layout.</summary>
    /// <returns>The object's folder.</returns>
    public static string WriteMvtecAd2(string root, string name)
    {
        Good(Path.Combine(root, name, "train/good"), 8, seed: 100);
        Good(Path.Combine(root, name, "validation/good"), 3, seed: 200);
        Good(Path.Combine(root, name, "test_public/good"), 3, seed: 300);
        Defective(Path.Combine(root, name, "test_public/bad"), Path.Combine(root, name, "test_public/ground_truth/bad"), 3);
        Good(Path.Combine(root, name, "test_private"), 2, seed: 400);
        Good(Path.Combine(root, name, "test_private_mixed"), 1, seed: 500);
        return Path.Combine(root, name);
    }

    private static void Good(string folder, int count, int seed)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < count; i++)
        {
            using var part = Part(seed + i);
            File.WriteAllBytes(Path.Combine(folder, $"{i:000}.png"), ImageCodec.Encode(part, ImageFormat.Png));
        }
    }

    private static void Defective(string folder, string masks, int count)
    {
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(masks);
        for (var i = 0; i < count; i++)
        {
            using var part = Part(1000 + i);
            using var mask = new Image(Width, Height, 1);
            mask.Bytes.Clear();
            var (x, side) = (10 + (12 * (i % 4)), 8 + (4 * (i % 3)));
            for (var y = 20; y < 20 + side; y++)
            {
                part.Bytes.Slice((y * Width) + x, side).Fill((byte)(30 + (10 * (i % 5))));
                mask.Bytes.Slice((y * Width) + x, side).Fill(255);
            }

            File.WriteAllBytes(Path.Combine(folder, $"{i:000}.png"), ImageCodec.Encode(part, ImageFormat.Png));
            File.WriteAllBytes(Path.Combine(masks, $"{i:000}_mask.png"), ImageCodec.Encode(mask, ImageFormat.Png));
        }
    }

    private static Image Part(int seed)
    {
        var random = new Random(seed);
        var image = new Image(Width, Height, 1);
        for (var i = 0; i < image.ByteCount; i++)
            image.Bytes[i] = (byte)random.Next(110, 140);
        return image;
    }
}
