using System.Globalization;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Aligns one frame after another: a detector scores the upright image, and its map is brought back to the frame as it was seen, so that all places that are
/// reported are those of the frame. Pixels of the upright image that lie outside of the frame are in no map. Not thread-safe.
/// </summary>
public sealed class FrameAligner : IDisposable
{
    // Less of the part outside of the frame is within what the part's outline is off by.
    private const double MinVisible = 0.98;

    private readonly AlignmentReference _reference;
    private readonly ImageAligner _aligner;
    private Image? _upright;
    private AlignmentResult? _last;
    private AnomalyMap? _seen;
    private byte[]? _labels;

    /// <exception cref="ImageFormatException">The reference's picture cannot be decoded.</exception>
    public FrameAligner(AlignmentReference reference)
    {
        _reference = reference;
        _aligner = new ImageAligner(reference);
    }

    /// <summary>The place of the part in the last frame.</summary>
    /// <exception cref="InvalidOperationException">No frame has been aligned yet.</exception>
    public AlignmentResult Last => _last ?? throw new InvalidOperationException("no frame has been aligned");

    /// <summary>A sentence where a part of the last frame's part lies outside of the frame; null where all of it was inspected.</summary>
    public string? Hidden => Last.Visible < MinVisible
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * (1 - Last.Visible):0} % of the part lies outside of the frame and was not inspected")
        : null;

    /// <returns>The image in which the part lies as in the reference; it belongs to this object and is disposed at the next call.</returns>
    /// <exception cref="ImageNotAlignedException">The frame shows no part that is similar enough to the reference.</exception>
    /// <exception cref="ImageMismatchException">The frame is not of the reference's size.</exception>
    public Image Upright(Image frame)
    {
        if ((frame.Width, frame.Height) != (_reference.Width, _reference.Height))
            throw new ImageMismatchException($"want a frame of {_reference.Width}x{_reference.Height} to align with the reference {_reference.Image}, got {frame}");
        var place = _aligner.Align(frame);
        if (place.Quality < _reference.MinQuality)
            throw new ImageNotAlignedException(new ImageFault(ImageFaultKind.NotAligned, place.Quality, _reference.MinQuality));
        _last = place;
        _upright?.Dispose();
        return _upright = ImageAligner.Upright(frame, place);
    }

    /// <returns>The map of the last frame as it was seen; it belongs to this object and is overwritten by the next call.</returns>
    /// <param name="upright">The map of the image that <see cref="Upright(Image)"/> returned.</param>
    public AnomalyMap AsSeen(AnomalyMap upright)
    {
        _seen ??= new AnomalyMap(_reference.Width, _reference.Height);
        ImageAligner.ToFrame(upright.Scores, _seen.Scores, _seen.Width, _seen.Height, Last.ToFrame);
        return _seen;
    }

    /// <returns>The labels of regions, which are drawn over the upright image, in the last frame as it was seen; they belong to this object and are overwritten by the next call.</returns>
    public ReadOnlySpan<byte> AsSeen(RegionLabels upright)
    {
        _labels ??= new byte[_reference.Width * _reference.Height];
        upright.Draw(_labels, Last.ToFrame.Map);
        return _labels;
    }

    /// <returns>The smallest rectangle of the frame that contains this one of the upright image.</returns>
    public PatchPlace AsSeen(PatchPlace upright)
    {
        (int X, int Y)[] corners = [(0, 0), (upright.Width, 0), (0, upright.Height), (upright.Width, upright.Height)];
        var seen = Array.ConvertAll(corners, c => Last.ToFrame.Map(upright.X + c.X, upright.Y + c.Y));
        int left = Clamp(seen.Min(p => p.X), _reference.Width - 1), top = Clamp(seen.Min(p => p.Y), _reference.Height - 1);
        return new PatchPlace(
            left, top, Math.Max(1, Clamp(seen.Max(p => p.X), _reference.Width) - left), Math.Max(1, Clamp(seen.Max(p => p.Y), _reference.Height) - top));

        static int Clamp(double value, int max) => Math.Clamp((int)Math.Round(value), 0, max);
    }

    /// <returns>The pixel of the upright image that shows a pixel of the last frame, moved to the border where it lies outside.</returns>
    public (int X, int Y) Upright(int x, int y)
    {
        var (fromX, fromY) = Last.ToFrame.Inverse().Map(x + 0.5, y + 0.5);
        return (Math.Clamp((int)Math.Floor(fromX), 0, _reference.Width - 1), Math.Clamp((int)Math.Floor(fromY), 0, _reference.Height - 1));
    }

    public void Dispose()
    {
        _upright?.Dispose();
        _aligner.Dispose();
    }
}
