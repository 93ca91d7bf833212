using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using OpenCvSharp;

namespace MrfAd.Engine.Alignment;

/// <summary>The pictures that alignment works on: small, grey, of float samples from 0 to 1. The caller disposes of what it gets.</summary>
internal static unsafe class AlignmentMats
{
    /// <returns>The image in grey, resized, [height, width].</returns>
    public static Mat Small(Image image, int width, int height)
    {
        OpenCvLibrary.Load();
        using var resized = ImageResize.Resize(image, width, height);
        fixed (byte* pixels = resized.Bytes)
        {
            using var input = OpenCv.Wrap(resized, pixels);
            using var grey = new Mat();
            if (resized.Channels == 3)
                Cv2.CvtColor(input, grey, ColorConversionCodes.RGB2GRAY);
            var small = new Mat();
            (resized.Channels == 3 ? grey : input).ConvertTo(small, MatType.CV_32F, resized.Depth == PixelDepth.Eight ? 1.0 / byte.MaxValue : 1.0 / ushort.MaxValue);
            return small;
        }
    }

    /// <summary>Writes a grey picture into an 8-bit image of its size.</summary>
    public static void ToBytes(Mat picture, Image target)
    {
        fixed (byte* to = target.Bytes)
        {
            using var output = OpenCv.Wrap(target, to);
            picture.ConvertTo(output, MatType.CV_8U, byte.MaxValue);
        }
    }

    /// <summary>Resamples an image: each pixel of the target shows the place of the source that the transform gives; beyond the source's border stands its nearest pixel.</summary>
    public static void Resample(Image source, Image target, Similarity toSource)
    {
        OpenCvLibrary.Load();
        fixed (byte* from = source.Bytes, to = target.Bytes)
        {
            using var input = OpenCv.Wrap(source, from);
            using var output = OpenCv.Wrap(target, to);
            using var matrix = Matrix(toSource, MatType.CV_64F);
            Cv2.WarpAffine(input, output, matrix, output.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, BorderTypes.Replicate);
        }
    }

    /// <summary>Resamples scores [height, width] as <see cref="Resample(Image, Image, Similarity)"/> does; beyond the source's border stands 0.</summary>
    public static void Resample(ReadOnlySpan<float> source, Span<float> target, int width, int height, Similarity toSource)
    {
        OpenCvLibrary.Load();
        fixed (float* from = source, to = target)
        {
            using var input = Mat.FromPixelData(height, width, MatType.CV_32F, (nint)from);
            using var output = Mat.FromPixelData(height, width, MatType.CV_32F, (nint)to);
            using var matrix = Matrix(toSource, MatType.CV_64F);
            Cv2.WarpAffine(input, output, matrix, output.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, BorderTypes.Constant, Scalar.All(0));
        }
    }

    /// <returns>The matrix [2, 3] in OpenCV's coordinates, in which the centre of the first pixel is (0, 0).</returns>
    public static Mat Matrix(Similarity transform, MatType type)
    {
        var (x, y) = transform.Map(0.5, 0.5);
        var matrix = new Mat(2, 3, MatType.CV_64F);
        Span<double> values = [transform.A, -transform.B, x - 0.5, transform.B, transform.A, y - 0.5];
        values.CopyTo(MemoryMarshal.CreateSpan(ref matrix.At<double>(0, 0), 6));
        if (type == MatType.CV_64F)
            return matrix;
        using (matrix)
        {
            var converted = new Mat();
            matrix.ConvertTo(converted, type);
            return converted;
        }
    }

    /// <returns>The similarity nearest to a matrix [2, 3] of float in OpenCV's coordinates, with the same image of the point (x, y).</returns>
    public static Similarity FromMatrix(Mat matrix, double x, double y)
    {
        var m = MemoryMarshal.CreateReadOnlySpan(ref matrix.At<float>(0, 0), 6);
        double a = (m[0] + m[4]) / 2, b = (m[3] - m[1]) / 2;
        var (fromX, fromY) = (x - 0.5, y - 0.5);
        var (toX, toY) = ((m[0] * fromX) + (m[1] * fromY) + m[2] + 0.5, (m[3] * fromX) + (m[4] * fromY) + m[5] + 0.5);
        return new Similarity(a, b, toX - (a * x) + (b * y), toY - (b * x) - (a * y));
    }
}
