using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;
using OpenCvSharp;

namespace MrfAd.Benchmarks.Alignment;

/// <summary>Shifts and turns images by known amounts; beyond an image's border stands its nearest pixel.</summary>
internal static class TurnedFrames
{
    /// <summary>The maximum shift, as a share of the side.</summary>
    public const double MaxShift = 0.15;

    /// <returns>A shift of up to 15 % of each side and a turn by any angle about the image's centre.</returns>
    public static Similarity Random(Random random, int width, int height)
    {
        var (x, y) = (((2 * random.NextDouble()) - 1) * MaxShift * width, ((2 * random.NextDouble()) - 1) * MaxShift * height);
        return Similarity.About((width / 2.0, height / 2.0), ((width / 2.0) + x, (height / 2.0) + y), 360 * random.NextDouble());
    }

    /// <returns>The image after the transform, of the same size.</returns>
    public static Image Turn(Image image, Similarity transform, bool nearest = false)
    {
        var turned = new Image(image.Width, image.Height, image.Channels, image.Depth);
        unsafe
        {
            fixed (byte* from = image.Bytes, to = turned.Bytes)
            {
                var type = MatType.MakeType(image.Depth == PixelDepth.Eight ? MatType.CV_8U : MatType.CV_16U, image.Channels);
                using var source = Mat.FromPixelData(image.Height, image.Width, type, (nint)from);
                using var target = Mat.FromPixelData(image.Height, image.Width, type, (nint)to);
                using var matrix = Matrix(transform);
                Cv2.WarpAffine(
                    source, target, matrix, target.Size(), nearest ? InterpolationFlags.Nearest : InterpolationFlags.Cubic, nearest ? BorderTypes.Constant : BorderTypes.Replicate, Scalar.All(0));
            }
        }

        return turned;
    }

    /// <returns>The matrix [2, 3] in OpenCV's coordinates.</returns>
    public static Mat Matrix(Similarity transform)
    {
        var (x, y) = transform.Map(0.5, 0.5);
        return Mat.FromArray(new[,] { { transform.A, -transform.B, x - 0.5 }, { transform.B, transform.A, y - 0.5 } });
    }

    /// <summary>Copies an object in MVTec AD's layout with its test images, and their masks, shifted and turned; the good images to learn stay as they are.</summary>
    public static void Write(string folder, string target, int seed)
    {
        var random = new Random(seed);
        foreach (var path in Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var place = Path.GetRelativePath(folder, path);
            var copy = Path.Combine(target, place);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var parts = place.Split(Path.DirectorySeparatorChar);
            if (parts[0] == "train")
                File.Copy(path, copy, overwrite: true);
            if (parts[0] != "test")
                continue;
            using var image = ImageCodec.Read(path);
            var transform = Random(random, image.Width, image.Height);
            using (var turned = Turn(image, transform))
                File.WriteAllBytes(copy, ImageCodec.Encode(turned, Engine.Images.ImageFormat.Png));
            var mask = Path.Combine("ground_truth", parts[1], $"{Path.GetFileNameWithoutExtension(path)}_mask.png");
            if (!File.Exists(Path.Combine(folder, mask)))
                continue;
            using var labels = ImageCodec.Read(Path.Combine(folder, mask));
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, mask))!);
            using var turnedLabels = Turn(labels, transform, nearest: true);
            File.WriteAllBytes(Path.Combine(target, mask), ImageCodec.Encode(turnedLabels, Engine.Images.ImageFormat.Png));
        }
    }
}
