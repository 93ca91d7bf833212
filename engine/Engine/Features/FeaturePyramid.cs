using MrfAd.Engine.Images;

namespace MrfAd.Engine.Features;

/// <summary>
/// {F_{l,s}}: the features of all layers at all scales (section 4.2), for images of one size. Pair i is scale i / layers, layer i % layers; its branches, one for each of
/// <see cref="MrfAdOptions.Shapes"/>, follow one another.
/// </summary>
public sealed class FeaturePyramid : IDisposable
{
    private readonly FeatureExtractor[] _extractors;
    private readonly int _layers;
    private readonly int _shapes;
    private readonly BranchShaping _shaping;
    private BranchFeatures _branch;
    private readonly Prefetcher _ahead;
    private readonly Action<int> _encode;
    private Image? _image;

    /// <param name="width">The width of the images, px.</param>
    /// <param name="keepOnDevice">For each branch, true to keep its features on the device; null keeps none there.</param>
    /// <param name="whitenings">The whitening of each branch; null before they are learned, and where there are none.</param>
    public FeaturePyramid(Encoder encoder, MrfAdOptions options, int width, int height, IReadOnlyList<bool>? keepOnDevice = null, IReadOnlyList<PartialWhitening?>? whitenings = null)
    {
        Views = ViewSizes.Of(width, height, options, encoder.Descriptor.SizeMultiple);
        _layers = encoder.Layers.Count;
        _extractors = [.. Views.Select((v, i) => encoder.CreateExtractor(v.Width, v.Height, keepOnDevice?.Skip(i * _layers).Take(_layers).ToList()))];
        _shapes = options.Shapes.Count;
        _shaping = new BranchShaping(options, whitenings);
        _branch = _shaping.Of(Encoded);
        _ahead = new Prefetcher(_extractors.Length, "views", i => _extractors[i].Fill(_image!));
        _encode = i => _extractors[i].Encode();
    }

    public IReadOnlyList<View> Views { get; }

    /// <summary>The number of pairs of a layer l and a scale s.</summary>
    public int Pairs => _extractors.Length * _layers;

    /// <summary>The number of branches: for each pair one for each shape.</summary>
    public int Branches => Pairs * _shapes;

    /// <summary>Encodes the image once at each scale; <see cref="Branch"/> returns the features. While one view is encoded the next is resized, so that a GPU need not wait.</summary>
    public void Extract(Image image)
    {
        _image = image;
        _branch = _shaping.Of(Encoded);
        _ahead.Run(_encode);
    }

    /// <summary>Returns the features of branch i for the last extracted image; they are valid until the next call.</summary>
    public PatchFeatures Branch(int i) => _branch(i);

    /// <summary>Returns the features of pair i as the encoder gave them for the last extracted image.</summary>
    public PatchFeatures Encoded(int i) => _extractors[i / _layers].Layer(i % _layers);

    public void Dispose()
    {
        _ahead.Dispose();
        foreach (var extractor in _extractors)
            extractor.Dispose();
    }
}
