using OpenCvSharp;

namespace MrfAd.Engine.Alignment;

/// <summary>
/// Searches a small picture for the part at any place and angle: the edges of the reference's part, turned by each angle of a grid, are correlated with the picture's by
/// Fourier transforms. Those of the reference are computed once. Not thread-safe.
/// </summary>
internal sealed class CoarseSearch : IDisposable
{
    // At half of this step, the end of a part as long as the picture is 2 px off: no farther than its edges are wide.
    private const int Step = 4;

    // The scales of the grid, where the part's size may differ.
    private static readonly double[] Scales = [0.9, 0.95, 1, 1.05, 1.1];

    private readonly AlignmentOptions _options;
    private readonly int _side;
    private readonly Rect _reach;
    private readonly List<(double Angle, double Scale, Mat Spectrum)> _turned = [];
    private readonly Mat _picture;
    private readonly Mat _spectrum = new();
    private readonly Mat _product = new();
    private readonly Mat _correlation = new();

    /// <param name="reference">The reference, grey.</param>
    /// <param name="part">The mask of the part in it.</param>
    /// <param name="centre">The part's centre, px of the reference.</param>
    public CoarseSearch(Mat reference, Mat part, (double X, double Y) centre, AlignmentOptions options)
    {
        _options = options;
        // Twice the picture's side: correlations by Fourier transforms are circular, and the turned part must not meet itself.
        _side = Cv2.GetOptimalDFTSize(2 * Math.Max(reference.Cols, reference.Rows));
        _picture = new Mat(_side, _side, MatType.CV_32F, Scalar.All(0));
        var max = options.MaxShift * Math.Max(reference.Cols, reference.Rows);
        _reach = new Rect((_side / 2) + (int)Math.Max(0, centre.X - max), (_side / 2) + (int)Math.Max(0, centre.Y - max), 0, 0);
        _reach.Width = (_side / 2) + (int)Math.Min(reference.Cols - 1, centre.X + max) + 1 - _reach.X;
        _reach.Height = (_side / 2) + (int)Math.Min(reference.Rows - 1, centre.Y + max) + 1 - _reach.Y;
        using var template = Template(reference, part);
        foreach (var scale in options.Scale ? Scales : [1])
        {
            for (var angle = 0.0; angle < 360; angle += Step)
            {
                if (Math.Min(angle, 360 - angle) <= options.MaxAngle)
                    _turned.Add((angle, scale, Turned(template, centre, angle, scale)));
            }
        }
    }

    /// <summary>Finds the best places, each at another angle.</summary>
    /// <returns>At most <paramref name="max"/> poses whose correlation is higher than at the next angles, the best first; and that of the best pose that differs from the first by 10 degrees or more.</returns>
    public (IReadOnlyList<CoarsePose> Poses, double Other) Find(Mat picture, int max)
    {
        using (var edges = Edges(picture))
        {
            var mean = Cv2.Mean(edges).Val0;
            Cv2.Subtract(edges, Scalar.All(mean), edges);
            var norm = Cv2.Norm(edges, NormTypes.L2);
            using var target = new Mat(_picture, new Rect(0, 0, picture.Cols, picture.Rows));
            edges.ConvertTo(target, MatType.CV_32F, norm > 0 ? 1 / norm : 0);
        }

        Cv2.Dft(_picture, _spectrum);
        var found = new CoarsePose[_turned.Count];
        for (var i = 0; i < found.Length; i++)
            found[i] = Best(_turned[i]);
        var peaks = found.Where((pose, i) => IsPeak(found, i)).OrderByDescending(p => p.Correlation).Take(max).ToList();
        return (peaks, found.Where(p => Apart(p.Angle, peaks[0].Angle) >= 10).Select(p => p.Correlation).DefaultIfEmpty(-1).Max());
    }

    public void Dispose()
    {
        foreach (var (_, _, spectrum) in _turned)
            spectrum.Dispose();
        _picture.Dispose();
        _spectrum.Dispose();
        _product.Dispose();
        _correlation.Dispose();
    }

    private static double Apart(double a, double b) => Math.Abs(Math.IEEERemainder(a - b, 360));

    /// <summary>Returns true where no pose at a neighbouring angle, of whatever scale, is better.</summary>
    private static bool IsPeak(CoarsePose[] found, int i) =>
        !Array.Exists(found, p => p.Correlation > found[i].Correlation && Apart(p.Angle, found[i].Angle) <= Step);

    private CoarsePose Best((double Angle, double Scale, Mat Spectrum) turned)
    {
        Cv2.MulSpectrums(_spectrum, turned.Spectrum, _product, DftFlags.None, conjB: true);
        Cv2.Idft(_product, _correlation, DftFlags.Scale | DftFlags.RealOutput);
        using var reach = new Mat(_correlation, _reach);
        Cv2.MinMaxLoc(reach, out _, out var max, out _, out var at);
        return new CoarsePose(at.X + _reach.X - (_side / 2) + 0.5, at.Y + _reach.Y - (_side / 2) + 0.5, turned.Angle, turned.Scale, max);
    }

    /// <returns>The edges of the part, with mean 0 over the part and 0 elsewhere.</returns>
    private static Mat Template(Mat reference, Mat part)
    {
        using var wide = new Mat();
        Cv2.Dilate(part, wide, null, iterations: 2);
        using var edges = Edges(reference);
        var template = new Mat(reference.Size(), MatType.CV_32F, Scalar.All(0));
        Cv2.Subtract(edges, Scalar.All(Cv2.Mean(edges, wide).Val0), edges);
        edges.CopyTo(template, wide);
        return template;
    }

    /// <returns>The spectrum of the template, of length 1, turned about its centre, which lies in the middle of the canvas.</returns>
    private Mat Turned(Mat template, (double X, double Y) centre, double angle, double scale)
    {
        var middle = (_side / 2) + 0.5;
        using var canvas = new Mat();
        using (var matrix = AlignmentMats.Matrix(Similarity.About(centre, (middle, middle), angle, scale), MatType.CV_64F))
            Cv2.WarpAffine(template, canvas, matrix, new Size(_side, _side), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(0));
        var norm = Cv2.Norm(canvas, NormTypes.L2);
        canvas.ConvertTo(canvas, MatType.CV_32F, norm > 0 ? 1 / norm : 0);
        var spectrum = new Mat();
        Cv2.Dft(canvas, spectrum);
        return spectrum;
    }

    /// <summary>Computes the strength of the edges: the same in any light and at any angle. Its root keeps one bright edge from outweighing all others.</summary>
    private static Mat Edges(Mat picture)
    {
        using var smooth = new Mat();
        Cv2.GaussianBlur(picture, smooth, new Size(3, 3), 0);
        using var right = new Mat();
        using var down = new Mat();
        Cv2.Sobel(smooth, right, MatType.CV_32F, 1, 0);
        Cv2.Sobel(smooth, down, MatType.CV_32F, 0, 1);
        var edges = new Mat();
        Cv2.Magnitude(right, down, edges);
        Cv2.Sqrt(edges, edges);
        return edges;
    }
}
