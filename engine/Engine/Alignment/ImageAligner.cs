using MrfAd.Engine.Images;
using OpenCvSharp;

namespace MrfAd.Engine.Alignment;

/// <summary>
/// Finds shift, angle and optionally scale of the part in a frame relative to a reference: a search over all places and angles in a coarse picture
/// (<see cref="CoarseSearch"/>), whose best answers are refined by maximising the correlation of the brightness (ECC, Evangelidis and Psarakis 2008).
/// tests/Benchmarks/RESULTS.md says how exact it is. Not thread-safe.
/// </summary>
public sealed class ImageAligner : IDisposable
{
    // The coarse picture's longer side is this fraction of the reference's.
    private const int CoarseFactor = 4;

    // The number of coarse answers that are refined: a part may look alike at two or three angles in the coarse picture.
    private const int MaxCandidates = 4;

    private readonly EccRefinement _middle;
    private readonly EccRefinement _fine;
    private readonly CoarseSearch _coarse;
    private readonly int _width;
    private readonly int _height;
    private readonly List<(int X, int Y)> _partPixels;
    private readonly (double X, double Y) _centre; // px of the reference's picture
    private readonly double _enlargement;          // frame px for each px of the reference's picture

    /// <exception cref="ImageFormatException">The reference's picture cannot be decoded, or has another size than it should.</exception>
    public ImageAligner(AlignmentReference reference)
    {
        Reference = reference;
        var (width, height) = (_width, _height) = SizeOf(reference.Width, reference.Height);
        using var image = ImageCodec.Decode(reference.Png, $"the reference {reference.Image}");
        if ((image.Width, image.Height) != (width, height))
            throw new ImageFormatException($"the reference {reference.Image}: want {width}x{height} pixels for frames of {reference.Width}x{reference.Height}, got {image}");
        _enlargement = (double)reference.Width / width;
        using var picture = AlignmentMats.Small(image, width, height);
        using var part = PartOutline.Find(picture);
        _partPixels = PartOutline.Pixels(part);
        var moments = Cv2.Moments(part, binaryImage: true);
        _centre = ((moments.M10 / moments.M00) + 0.5, (moments.M01 / moments.M00) + 0.5);
        _fine = new EccRefinement(picture, part, factor: 1, reference.Options.Scale, steps: 60, minGain: 1e-6);
        _middle = new EccRefinement(picture, part, factor: 2, reference.Options.Scale, steps: 20, minGain: 1e-3);
        using var coarse = EccRefinement.Reduced(picture, CoarseFactor);
        using var coarsePart = new Mat();
        Cv2.Resize(part, coarsePart, coarse.Size(), 0, 0, InterpolationFlags.Area);
        _coarse = new CoarseSearch(coarse, coarsePart, (_centre.X / CoarseFactor, _centre.Y / CoarseFactor), reference.Options);
    }

    public AlignmentReference Reference { get; }

    /// <summary>Makes the reference of a good image.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="minQuality">The quality below which a frame cannot be aligned.</param>
    public static AlignmentReference ReferenceOf(Image image, string name, AlignmentOptions options, double minQuality = -1)
    {
        var (width, height) = SizeOf(image.Width, image.Height);
        using var small = AlignmentMats.Small(image, width, height);
        using var grey = new Image(width, height, 1);
        AlignmentMats.ToBytes(small, grey);
        return new AlignmentReference { Image = name, Png = ImageCodec.Encode(grey, ImageFormat.Png), Width = image.Width, Height = image.Height, Options = options, MinQuality = minQuality };
    }

    /// <summary>Finds the part in a frame of the reference's size.</summary>
    /// <returns>The best place found, however bad it is: compare its quality with <see cref="AlignmentReference.MinQuality"/>.</returns>
    /// <exception cref="ArgumentException">The frame has another size.</exception>
    public AlignmentResult Align(Image frame)
    {
        if ((frame.Width, frame.Height) != (Reference.Width, Reference.Height))
            throw new ArgumentException($"want a frame of {Reference.Width}x{Reference.Height}, got {frame}", nameof(frame));
        using var picture = AlignmentMats.Small(frame, _width, _height);
        using var half = EccRefinement.Reduced(picture, 2);
        using var coarse = EccRefinement.Reduced(picture, CoarseFactor);
        var (poses, other) = _coarse.Find(coarse, MaxCandidates);
        var best = (Place: Similarity.Identity, Quality: double.NegativeInfinity);
        foreach (var pose in poses)
        {
            var start = Similarity.About(_centre, (pose.X * CoarseFactor, pose.Y * CoarseFactor), pose.Angle, pose.Scale);
            var refined = _middle.Refine(half, start);
            if (refined.Quality > best.Quality)
                best = refined;
        }

        best = _fine.Refine(picture, best.Place);
        var (x, y) = best.Place.Map(_centre.X, _centre.Y);
        return new AlignmentResult(
            best.Place.Resized(_enlargement), (x - _centre.X) * _enlargement, (y - _centre.Y) * _enlargement, best.Quality, poses[0].Correlation - other, Visible(best.Place));
    }

    /// <summary>Makes the image in which the part lies as in the reference; where it shows what lies outside of the frame, the frame's nearest pixel stands.</summary>
    /// <returns>A new image of the frame's size.</returns>
    public static Image Upright(Image frame, AlignmentResult alignment)
    {
        var upright = new Image(frame.Width, frame.Height, frame.Channels, frame.Depth);
        AlignmentMats.Resample(frame, upright, alignment.ToFrame);
        return upright;
    }

    /// <summary>Makes the scores of the frame's pixels, [H·W], of those of the upright image; 0 where a pixel lies outside of that image.</summary>
    /// <param name="toFrame">The alignment's <see cref="AlignmentResult.ToFrame"/>.</param>
    public static void ToFrame(ReadOnlySpan<float> upright, Span<float> frame, int width, int height, Similarity toFrame) =>
        AlignmentMats.Resample(upright, frame, width, height, toFrame.Inverse());

    public void Dispose()
    {
        _coarse.Dispose();
        _middle.Dispose();
        _fine.Dispose();
    }

    /// <returns>The size of the reference's picture for frames of a size, which are not enlarged.</returns>
    private static (int Width, int Height) SizeOf(int width, int height)
    {
        var factor = Math.Min(1, (double)AlignmentReference.Side / Math.Max(width, height));
        return (Math.Max(1, (int)Math.Round(factor * width)), Math.Max(1, (int)Math.Round(factor * height)));
    }

    /// <returns>The share of the part that lies within the frame.</returns>
    private double Visible(Similarity place)
    {
        var visible = 0;
        foreach (var (x, y) in _partPixels)
        {
            var (seenX, seenY) = place.Map(x + 0.5, y + 0.5);
            visible += seenX >= 0 && seenY >= 0 && seenX < _width && seenY < _height ? 1 : 0;
        }

        return (double)visible / _partPixels.Count;
    }
}
