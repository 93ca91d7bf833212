using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Detectors;

/// <summary>Keeps the feature pyramid of the last image size: a station's images all have one size, and a mixed set is read once in order.</summary>
/// <param name="background">Removes the background before encoding; null means that the whole image counts. It is not disposed here.</param>
/// <param name="keepOnDevice">For each branch, true to keep its features on the device; null keeps none there.</param>
/// <param name="whitenings">The whitening of each branch; null before they are learned, and where there are none.</param>
internal sealed class PyramidCache(Encoder encoder, MrfAdOptions options, BackgroundRemover? background, IReadOnlyList<bool>? keepOnDevice = null, IReadOnlyList<PartialWhitening?>? whitenings = null) : IDisposable
{
    private (int Width, int Height) _size;
    private FeaturePyramid? _pyramid;

    /// <summary>The regions, of whose ignored patches none counts; null where all count.</summary>
    public RegionLabels? Regions { get; set; }

    public IReadOnlyList<View> Views(int width, int height) => ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);

    /// <returns>The features of <paramref name="image"/>, until the next call; the same object as long as sizes are the same.</returns>
    public FeaturePyramid Extracted(Image image) => Extracted(image, background?.Remove(image) ?? image);

    /// <param name="seen">The image to encode: <paramref name="image"/> itself, or a copy with another background.</param>
    /// <inheritdoc cref="Extracted(Image)"/>
    public FeaturePyramid Extracted(Image image, Image seen)
    {
        if (_pyramid is null || _size != (image.Width, image.Height))
        {
            _pyramid?.Dispose();
            _pyramid = null; // forget it first: if there is no graph for this size, the next image may have the old size
            _pyramid = new FeaturePyramid(encoder, options, image.Width, image.Height, keepOnDevice, whitenings);
            _size = (image.Width, image.Height);
        }

        _pyramid.Extract(seen);
        return _pyramid;
    }

    /// <summary>Lists the patches (row-major in the grid) of the last extracted image that count: all, or those of the part, without the ignored ones.</summary>
    /// <param name="patches">The buffer to fill, with a length of at least columns · rows.</param>
    /// <returns>The number of patches written.</returns>
    public int Patches(int columns, int rows, Span<int> patches)
    {
        var count = columns * rows;
        if (background?.Mask is { } mask)
        {
            count = mask.Cells(columns, rows, patches);
        }
        else
        {
            for (var i = 0; i < count; i++)
                patches[i] = i;
        }

        return Regions?.Keep(columns, rows, patches[..count]) ?? count;
    }

    public void Dispose() => _pyramid?.Dispose();
}
