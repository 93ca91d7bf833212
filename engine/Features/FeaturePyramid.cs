using MrfAd.Engine.Images;

namespace MrfAd.Engine.Features;

/// <summary>
/// {F_{l,s}}: the features of all layers at all scales (section 4.2), for images of one size. Branch i is scale i / layers, layer i % layers.
/// </summary>
public sealed class FeaturePyramid : IDisposable
{
    private readonly FeatureExtractor[] _extractors;
    private readonly int _layers;
    private readonly FeatureShaping _shaping;

    /// <param name="width">Of the images, px.</param>
    public FeaturePyramid(Encoder encoder, MrfAdOptions options, int width, int height)
    {
        Views = ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);
        _shaping = new FeatureShaping(options);
        _layers = encoder.Layers.Count;
        _extractors = [.. Views.Select(v => encoder.CreateExtractor(v.Width, v.Height))];
    }

    public IReadOnlyList<View> Views { get; }

    /// <summary>Pairs (l, s).</summary>
    public int Branches => _extractors.Length * _layers;

    /// <summary>Encodes the image once at each scale; <see cref="Branch"/> gives the features.</summary>
    public void Extract(Image image)
    {
        foreach (var extractor in _extractors)
            extractor.Extract(image);
    }

    /// <summary>The features of the image extracted last; they live until the next call.</summary>
    public PatchFeatures Branch(int i) => _shaping.Apply(_extractors[i / _layers].Layer(i % _layers));

    public void Dispose()
    {
        foreach (var extractor in _extractors)
            extractor.Dispose();
    }
}
