namespace MrfAd.Engine.Features;

/// <summary>Pyramids by image size. One size is kept: a station's images are all alike, and a mixed set is read once in order.</summary>
internal sealed class PyramidCache(Encoder encoder, MrfAdOptions options) : IDisposable
{
    private (int Width, int Height) _size;
    private FeaturePyramid? _pyramid;

    public IReadOnlyList<View> Views(int width, int height) => ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);

    /// <returns>A pyramid for images of this size, until the next call.</returns>
    public FeaturePyramid For(int width, int height)
    {
        if (_pyramid is null || _size != (width, height))
        {
            _pyramid?.Dispose();
            _pyramid = new FeaturePyramid(encoder, options, width, height);
            _size = (width, height);
        }

        return _pyramid;
    }

    public void Dispose() => _pyramid?.Dispose();
}
