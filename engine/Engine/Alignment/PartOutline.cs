using System.Runtime.InteropServices;
using OpenCvSharp;

namespace MrfAd.Engine.Alignment;

/// <summary>Finds the part in the reference: all that differs from the brightness at the picture's border, with what it encloses.</summary>
internal static class PartOutline
{
    // A part of less than this share of the picture is taken for dirt, and one of more for no part on a background.
    private const double MinArea = 0.01, MaxArea = 0.95;

    // Below this contrast, of 255, there is no background that the part could be told from.
    private const double MinContrast = 12;

    /// <param name="picture">Grey, float from 0 to 1.</param>
    /// <returns>The mask [H, W] of the part, 255 or 0; all 255 where there is no background that it could be told from. The caller disposes of it.</returns>
    public static Mat Find(Mat picture)
    {
        using var difference = new Mat();
        using (var grey = new Mat())
        {
            picture.ConvertTo(grey, MatType.CV_8U, byte.MaxValue);
            Cv2.GaussianBlur(grey, grey, new Size(5, 5), 0);
            using var background = new Mat(grey.Size(), MatType.CV_8U, Scalar.All(BorderMedian(grey)));
            Cv2.Absdiff(grey, background, difference);
        }

        var mask = new Mat();
        var contrast = Cv2.Threshold(difference, mask, 0, byte.MaxValue, ThresholdTypes.Otsu);
        Cv2.FindContours(mask, out var contours, out _, RetrievalModes.External, ContourApproximationModes.ApproxNone);
        var parts = contours.Where(c => Cv2.ContourArea(c) >= MinArea * mask.Total()).ToArray();
        mask.SetTo(Scalar.All(0));
        Cv2.DrawContours(mask, parts, -1, Scalar.All(byte.MaxValue), thickness: -1);
        var area = (double)Cv2.CountNonZero(mask) / mask.Total();
        if (contrast < MinContrast || area is < MinArea or > MaxArea)
            mask.SetTo(Scalar.All(byte.MaxValue));
        return mask;
    }

    /// <returns>The places of the mask's pixels that are part, row by row.</returns>
    public static List<(int X, int Y)> Pixels(Mat mask)
    {
        var columns = mask.Cols;
        var values = Values(mask);
        var pixels = new List<(int X, int Y)>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0)
                pixels.Add((i % columns, i / columns));
        }

        return pixels;
    }

    private static ReadOnlySpan<byte> Values(Mat grey) => MemoryMarshal.CreateReadOnlySpan(ref grey.At<byte>(0, 0), grey.Rows * grey.Cols);

    private static byte BorderMedian(Mat grey)
    {
        var (columns, rows) = (grey.Cols, grey.Rows);
        var pixels = Values(grey);
        var border = new List<byte>();
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x) = Math.DivRem(i, columns);
            if (x == 0 || y == 0 || x == columns - 1 || y == rows - 1)
                border.Add(pixels[i]);
        }

        border.Sort();
        return border[border.Count / 2];
    }
}
