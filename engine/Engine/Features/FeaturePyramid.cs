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
    private readonly Prefetcher _ahead;
    private readonly Action<int> _encode;
    private Image? _image;

    /// <param name="width">Of the images, px.</param>
    /// <param name="left">Of each branch, whether its features are left on the device; null: none are.</param>
    public FeaturePyramid(Encoder encoder, MrfAdOptions options, int width, int height, IReadOnlyList<bool>? left = null)
    {
        Views = ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);
        _shaping = new FeatureShaping(options);
        _layers = encoder.Layers.Count;
        _extractors = [.. Views.Select((v, i) => encoder.CreateExtractor(v.Width, v.Height, left?.Skip(i * _layers).Take(_layers).ToList()))];
        _ahead = new Prefetcher(_extractors.Length, "views", i => _extractors[i].Fill(_image!));
        _encode = i => _extractors[i].Encode();
    }

    public IReadOnlyList<View> Views { get; }

    /// <summary>Pairs (l, s).</summary>
    public int Branches => _extractors.Length * _layers;

    /// <summary>Encodes the image once at each scale; <see cref="Branch"/> gives the features. While one view is encoded the next is resized: a GPU need not wait for it.</summary>
    public void Extract(Image image)
    {
        _image = image;
        _ahead.Run(_encode);
    }

    /// <summary>The features of the image extracted last; they live until the next call.</summary>
    public PatchFeatures Branch(int i) => _shaping.Apply(_extractors[i / _layers].Layer(i % _layers));

    public void Dispose()
    {
        _ahead.Dispose();
        foreach (var extractor in _extractors)
            extractor.Dispose();
    }
}
