using MrfAd.Engine.Images;

namespace MrfAd.Engine.Features;

/// <summary>
/// {F_{l,s}}: the features of all layers at all scales (section 4.2), for images of one size. Branch i is scale i / layers, layer i % layers.
/// </summary>
public sealed class FeaturePyramid : IDisposable
{
    private readonly FeatureExtractor[] _extractors;
    private readonly int _layers;
    private readonly FeatureShaping[] _shapings;
    private readonly bool[] _isShaped;
    private readonly Prefetcher _ahead;
    private readonly Action<int> _encode;
    private Image? _image;

    /// <param name="width">The width of the images, px.</param>
    /// <param name="keepOnDevice">For each branch, true to keep its features on the device; null keeps none there.</param>
    public FeaturePyramid(Encoder encoder, MrfAdOptions options, int width, int height, IReadOnlyList<bool>? keepOnDevice = null)
    {
        Views = ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);
        _layers = encoder.Layers.Count;
        _extractors = [.. Views.Select((v, i) => encoder.CreateExtractor(v.Width, v.Height, keepOnDevice?.Skip(i * _layers).Take(_layers).ToList()))];
        _shapings = [.. Enumerable.Range(0, Branches).Select(_ => new FeatureShaping(options))];
        _isShaped = new bool[Branches];
        _ahead = new Prefetcher(_extractors.Length, "views", i => _extractors[i].Fill(_image!));
        _encode = i => _extractors[i].Encode();
    }

    public IReadOnlyList<View> Views { get; }

    /// <summary>The number of branches: pairs of a layer l and a scale s.</summary>
    public int Branches => _extractors.Length * _layers;

    /// <summary>Encodes the image once at each scale; <see cref="Branch"/> returns the features. While one view is encoded the next is resized, so that a GPU need not wait.</summary>
    public void Extract(Image image)
    {
        _image = image;
        Array.Clear(_isShaped);
        _ahead.Run(_encode);
    }

    /// <summary>Returns the features of branch i for the last extracted image; they are valid until the next call.</summary>
    public PatchFeatures Branch(int i)
    {
        var features = _extractors[i / _layers].Layer(i % _layers);
        if (!_isShaped[i])
            _shapings[i].Shape(features);
        _isShaped[i] = true;
        return _shapings[i].Shaped(features);
    }

    public void Dispose()
    {
        _ahead.Dispose();
        foreach (var extractor in _extractors)
            extractor.Dispose();
    }
}
