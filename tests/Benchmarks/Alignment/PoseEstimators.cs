using System.Runtime.InteropServices;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;
using OpenCvSharp;

namespace MrfAd.Benchmarks.Alignment;

/// <summary>Other ways to align a frame, for comparison: what OpenCV has, each at the resolution that it needs.</summary>
/// <param name="reference">The reference image; all frames are of its size.</param>
internal sealed class PoseEstimators(Image reference)
{
    private const int EccSide = 256, FeatureSide = 512;

    private readonly Mat _small = Grey(reference, EccSide);
    private readonly Mat _large = Grey(reference, FeatureSide);

    /// <summary>The estimators by name; each returns the transform from the reference to the frame, px, or null where it finds none.</summary>
    public IReadOnlyList<(string Name, Func<Image, Similarity?> Find)> All =>
    [
        ("ECC from the image as it is", frame => Refined(frame, [Similarity.Identity])),
        ("moments, principal axis, ECC", FromMoments),
        ("log-polar phase correlation, ECC", FromSpectrum),
        ("ORB, RANSAC", frame => FromFeatures(frame, ORB.Create(1500), NormTypes.Hamming)),
        ("AKAZE, RANSAC", frame => FromFeatures(frame, AKAZE.Create(), NormTypes.Hamming)),
        ("SIFT, RANSAC", frame => FromFeatures(frame, OpenCvSharp.Features2D.SIFT.Create(), NormTypes.L2)),
    ];

    /// <returns>The image in grey of 8 bits, its longer side of this length.</returns>
    public static Mat Grey(Image image, int side)
    {
        using var all = Mat.ImDecode(ImageCodec.Encode(image, MrfAd.Engine.Images.ImageFormat.Png), ImreadModes.Grayscale);
        var factor = (double)side / Math.Max(all.Cols, all.Rows);
        var small = new Mat();
        Cv2.Resize(all, small, new Size(Math.Round(all.Cols * factor), Math.Round(all.Rows * factor)), 0, 0, InterpolationFlags.Area);
        return small;
    }

    /// <returns>The mask of all that differs from the brightness at the border.</returns>
    public static Mat Part(Mat grey)
    {
        using var difference = new Mat();
        using var background = new Mat(grey.Size(), MatType.CV_8U, Scalar.All(Cv2.Mean(grey.Row(0)).Val0));
        Cv2.Absdiff(grey, background, difference);
        Cv2.GaussianBlur(difference, difference, new Size(5, 5), 0);
        var mask = new Mat();
        Cv2.Threshold(difference, mask, 0, 255, ThresholdTypes.Otsu);
        return mask;
    }

    private double Enlargement(Mat small) => (double)reference.Width / small.Cols;

    /// <summary>Refines each start by ECC on the whole picture; the highest correlation counts.</summary>
    /// <param name="starts">Transforms from the reference to the frame, px of the small picture.</param>
    private Similarity? Refined(Image frame, IEnumerable<Similarity> starts)
    {
        using var picture = Grey(frame, EccSide);
        (Similarity Place, double Quality)? best = null;
        foreach (var start in starts)
        {
            using var upright = new Mat();
            using var shown = new Mat(_small.Size(), MatType.CV_8U, Scalar.All(255));
            using (var exact = TurnedFrames.Matrix(start))
            {
                Cv2.WarpAffine(picture, upright, exact, _small.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, BorderTypes.Replicate);
                Cv2.WarpAffine(shown, shown, exact, _small.Size(), InterpolationFlags.Nearest | InterpolationFlags.WarpInverseMap, BorderTypes.Constant, Scalar.All(0));
            }

            using Mat matrix = Mat.Eye(2, 3, MatType.CV_32F);
            try
            {
                var quality = Cv2.FindTransformECC(_small, upright, matrix, MotionTypes.Euclidean, new TermCriteria(CriteriaTypes.Count | CriteriaTypes.Eps, 50, 1e-4), shown, 5);
                if (best is null || quality > best.Value.Quality)
                    best = (FromMatrix(matrix).Then(start), quality);
            }
            catch (OpenCVException)
            {
                // not converged
            }
        }

        return best?.Place.Resized(Enlargement(_small));
    }

    private static Similarity FromMatrix(Mat matrix)
    {
        using var exact = new Mat();
        matrix.ConvertTo(exact, MatType.CV_64F);
        var m = MemoryMarshal.CreateReadOnlySpan(ref exact.At<double>(0, 0), 6);
        return new Similarity(m[0], m[3], m[2] + 0.5 - (0.5 * m[0]) + (0.5 * m[3]), m[5] + 0.5 - (0.5 * m[3]) - (0.5 * m[0]));
    }

    private Similarity? FromMoments(Image frame)
    {
        using var picture = Grey(frame, EccSide);
        var (from, to) = (Axis(_small), Axis(picture));
        return Refined(frame, [Similarity.About(from.Centre, to.Centre, to.Angle - from.Angle), Similarity.About(from.Centre, to.Centre, to.Angle - from.Angle + 180)]);
    }

    private static ((double X, double Y) Centre, double Angle) Axis(Mat grey)
    {
        using var part = Part(grey);
        var m = Cv2.Moments(part, binaryImage: true);
        return (((m.M10 / m.M00) + 0.5, (m.M01 / m.M00) + 0.5), 0.5 * Math.Atan2(2 * m.Mu11, m.Mu20 - m.Mu02) * 180 / Math.PI);
    }

    /// <summary>Fourier-Mellin: the angle by phase correlation of the spectra in log-polar coordinates, then the shift by phase correlation.</summary>
    private Similarity? FromSpectrum(Image frame)
    {
        using var picture = Grey(frame, EccSide);
        using var a = Polar(_small);
        using var b = Polar(picture);
        using var window = new Mat();
        Cv2.CreateHanningWindow(window, a.Size(), MatType.CV_32F);
        var angle = Cv2.PhaseCorrelate(a, b, window, out _).Y * 360 / a.Rows;
        var centre = (X: _small.Cols / 2.0, Y: _small.Rows / 2.0);
        return Refined(frame, new[] { angle, angle + 180 }.Select(turn =>
        {
            var about = Similarity.About(centre, centre, turn);
            using var turned = new Mat();
            using (var matrix = TurnedFrames.Matrix(about))
                Cv2.WarpAffine(_small, turned, matrix, turned.Empty() ? _small.Size() : turned.Size(), InterpolationFlags.Linear, BorderTypes.Replicate);
            using var from = new Mat();
            using var to = new Mat();
            turned.ConvertTo(from, MatType.CV_32F);
            picture.ConvertTo(to, MatType.CV_32F);
            using var hanning = new Mat();
            Cv2.CreateHanningWindow(hanning, from.Size(), MatType.CV_32F);
            var shift = Cv2.PhaseCorrelate(from, to, hanning, out _);
            return about with { Tx = about.Tx + shift.X, Ty = about.Ty + shift.Y };
        }).ToList());
    }

    private static Mat Polar(Mat grey)
    {
        using var values = new Mat();
        grey.ConvertTo(values, MatType.CV_32F);
        using var window = new Mat();
        Cv2.CreateHanningWindow(window, values.Size(), MatType.CV_32F);
        Cv2.Multiply(values, window, values);
        using var spectrum = new Mat();
        Cv2.Dft(values, spectrum, DftFlags.ComplexOutput);
        Cv2.Split(spectrum, out var planes);
        using var size = new Mat();
        Cv2.Magnitude(planes[0], planes[1], size);
        foreach (var plane in planes)
            plane.Dispose();
        using var shifted = Centred(size);
        Cv2.Log(shifted + Scalar.All(1), shifted);
        var polar = new Mat();
        Cv2.WarpPolar(shifted, polar, new Size(128, 720), new Point2f(shifted.Cols / 2, shifted.Rows / 2), Math.Min(shifted.Cols, shifted.Rows) / 2.0, InterpolationFlags.Linear, WarpPolarMode.Log);
        return polar;
    }

    private static Mat Centred(Mat spectrum)
    {
        var (w, h) = (spectrum.Cols / 2, spectrum.Rows / 2);
        var centred = new Mat(2 * h, 2 * w, MatType.CV_32F);
        foreach (var (x, y) in new[] { (0, 0), (w, 0), (0, h), (w, h) })
        {
            using var from = new Mat(spectrum, new Rect(x, y, w, h));
            using var to = new Mat(centred, new Rect(w - x, h - y, w, h));
            from.CopyTo(to);
        }

        return centred;
    }

    private Similarity? FromFeatures(Image frame, Feature2D features, NormTypes norm)
    {
        using (features)
        {
            using var picture = Grey(frame, FeatureSide);
            using var from = new Mat();
            using var to = new Mat();
            features.DetectAndCompute(_large, null, out var fromPoints, from);
            features.DetectAndCompute(picture, null, out var toPoints, to);
            if (fromPoints.Length < 4 || toPoints.Length < 4)
                return null;
            using var matcher = new BFMatcher(norm);
            var pairs = matcher.KnnMatch(from, to, 2).Where(m => m.Length == 2 && m[0].Distance < 0.8 * m[1].Distance).Select(m => m[0]).ToList();
            if (pairs.Count < 4)
                return null;
            using var source = InputArray.Create(pairs.Select(p => fromPoints[p.QueryIdx].Pt));
            using var target = InputArray.Create(pairs.Select(p => toPoints[p.TrainIdx].Pt));
            using var matrix = Cv2.EstimateAffinePartial2D(source, target);
            return matrix is null || matrix.Empty() ? null : FromMatrix(matrix).Resized(Enlargement(_large));
        }
    }
}
