using OpenCvSharp;

namespace MrfAd.Engine.Alignment;

/// <summary>Refines a place by maximising the correlation between the reference's part and the picture (OpenCV's ECC), at one resolution.</summary>
internal sealed class EccRefinement : IDisposable
{
    // The picture and the reference are smoothed by a Gaussian of this side.
    private const int SmoothSide = 5;

    // The area around the part that is compared, too, as a share of the picture's longer side: the part's border is the strongest sign of its place.
    private const double Surroundings = 0.03;

    private readonly int _factor;
    private readonly TermCriteria _stop;
    private readonly MotionTypes _motion;
    private readonly Mat _template;
    private readonly Mat _ones;
    private readonly Size _size;
    private readonly Point _corner;
    private readonly (double X, double Y) _middle;

    /// <param name="reference">The reference, grey.</param>
    /// <param name="part">The mask of the part in it.</param>
    /// <param name="factor">The factor by which pictures are smaller than the reference at this resolution.</param>
    /// <param name="steps">The maximum number of steps.</param>
    /// <param name="minGain">The increase of the correlation below which a step is the last.</param>
    public EccRefinement(Mat reference, Mat part, int factor, bool scale, int steps, double minGain)
    {
        (_factor, _motion) = (factor, scale ? MotionTypes.Affine : MotionTypes.Euclidean);
        _stop = new TermCriteria(CriteriaTypes.Count | CriteriaTypes.Eps, steps, minGain);
        using var reduced = Reduced(reference, factor);
        var margin = (int)Math.Ceiling(Surroundings * Math.Max(reduced.Cols, reduced.Rows));
        var box = Cv2.BoundingRect(part);
        var (left, top) = (Math.Max(0, (box.Left / factor) - margin), Math.Max(0, (box.Top / factor) - margin));
        var (right, bottom) = (Math.Min(reduced.Cols, (box.Right / factor) + margin), Math.Min(reduced.Rows, (box.Bottom / factor) + margin));
        _corner = new Point(left, top);
        _middle = ((right - left) / 2.0, (bottom - top) / 2.0);
        using var view = new Mat(reduced, new Rect(left, top, right - left, bottom - top));
        _template = view.Clone();
        _size = reduced.Size();
        _ones = new Mat(_size, MatType.CV_8U, Scalar.All(byte.MaxValue));
    }

    /// <returns>The picture with sides shorter by a factor.</returns>
    public static Mat Reduced(Mat picture, int factor)
    {
        if (factor == 1)
            return picture.Clone();
        var reduced = new Mat();
        Cv2.Resize(picture, reduced, new Size(Math.Max(1, picture.Cols / factor), Math.Max(1, picture.Rows / factor)), 0, 0, InterpolationFlags.Area);
        return reduced;
    }

    /// <param name="picture">The picture at this resolution.</param>
    /// <param name="start">The place to begin with, px of the reference.</param>
    /// <returns>The refined place, px of the reference, and its correlation, -1 to 1; the given place with -1 where no better one is found.</returns>
    public (Similarity Place, double Quality) Refine(Mat picture, Similarity start)
    {
        // The picture is made upright first: OpenCV's ECC takes the angle from its sine, and so knows none beyond a quarter turn.
        using var upright = new Mat();
        using var shown = new Mat();
        using (var place = AlignmentMats.Matrix(start.Resized(1.0 / _factor), MatType.CV_64F))
        {
            Cv2.WarpAffine(picture, upright, place, _size, InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, BorderTypes.Replicate);
            Cv2.WarpAffine(_ones, shown, place, _size, InterpolationFlags.Nearest | InterpolationFlags.WarpInverseMap, BorderTypes.Constant, Scalar.All(0));
        }

        var corner = Similarity.Identity with { Tx = _corner.X, Ty = _corner.Y };
        using var matrix = AlignmentMats.Matrix(corner, MatType.CV_32F);
        try
        {
            var quality = Cv2.FindTransformECC(_template, upright, matrix, _motion, _stop, shown, SmoothSide);
            var rest = corner.Inverse().Then(AlignmentMats.FromMatrix(matrix, _middle.X, _middle.Y)).Resized(_factor);
            return double.IsFinite(quality) && rest.Scale > 0.5 ? (rest.Then(start), quality) : (start, -1);
        }
        catch (OpenCVException)
        {
            // It says so where the correlation does not grow, or no pixel of the part is in the picture.
            return (start, -1);
        }
    }

    public void Dispose()
    {
        _template.Dispose();
        _ones.Dispose();
    }
}
