using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Detectors;

/// <summary>Pyramids by image size. One size is kept: a station's images are all alike, and a mixed set is read once in order.</summary>
/// <param name="background">Removes it first; null: the whole image counts. Not disposed here.</param>
/// <param name="left">Of each branch, whether its features are left on the device; null: none are.</param>
internal sealed class PyramidCache(Encoder encoder, MrfAdOptions options, BackgroundRemover? background, IReadOnlyList<bool>? left = null) : IDisposable
{
    private (int Width, int Height) _size;
    private FeaturePyramid? _pyramid;

    public IReadOnlyList<View> Views(int width, int height) => ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);

    /// <returns>The features of <paramref name="image"/>, until the next call; the same object as long as sizes are the same.</returns>
    public FeaturePyramid Extracted(Image image) => Extracted(image, background?.Remove(image) ?? image);

    /// <param name="seen">What is encoded: the image, or it with another background.</param>
    /// <inheritdoc cref="Extracted(Image)"/>
    public FeaturePyramid Extracted(Image image, Image seen)
    {
        if (_pyramid is null || _size != (image.Width, image.Height))
        {
            _pyramid?.Dispose();
            _pyramid = null; // there may be no graph for this size; the next image may have the old one
            _pyramid = new FeaturePyramid(encoder, options, image.Width, image.Height, left);
            _size = (image.Width, image.Height);
        }

        _pyramid.Extract(seen);
        return _pyramid;
    }

    /// <summary>The patches (row-major in the grid) of the image extracted last that count: all, or those of the part.</summary>
    /// <param name="patches">Room for all of the grid's.</param>
    /// <returns>How many there are.</returns>
    public int Patches(int columns, int rows, Span<int> patches)
    {
        if (background?.Mask is { } mask)
            return mask.Cells(columns, rows, patches);
        for (var i = 0; i < columns * rows; i++)
            patches[i] = i;
        return columns * rows;
    }

    public void Dispose() => _pyramid?.Dispose();
}
