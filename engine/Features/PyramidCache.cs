using MrfAd.Engine.Images;

namespace MrfAd.Engine.Features;

/// <summary>Pyramids by image size. One size is kept: a station's images are all alike, and a mixed set is read once in order.</summary>
internal sealed class PyramidCache(Encoder encoder, MrfAdOptions options) : IDisposable
{
    private (int Width, int Height) _size;
    private FeaturePyramid? _pyramid;

    public IReadOnlyList<View> Views(int width, int height) => ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);

    /// <returns>The features of <paramref name="image"/>, until the next call; the same object as long as sizes are the same.</returns>
    public FeaturePyramid Extracted(Image image)
    {
        if (_pyramid is null || _size != (image.Width, image.Height))
        {
            _pyramid?.Dispose();
            _pyramid = new FeaturePyramid(encoder, options, image.Width, image.Height);
            _size = (image.Width, image.Height);
        }

        _pyramid.Extract(image);
        return _pyramid;
    }

    public void Dispose() => _pyramid?.Dispose();
}
