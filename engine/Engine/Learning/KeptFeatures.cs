using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Learning;

/// <summary>Keeps the features of the first images in memory, as the encoder gave them, so that they are calibrated without being read and encoded once more.</summary>
/// <param name="maxBytes">The memory that they may take, bytes; the images beyond it are not kept.</param>
internal sealed class KeptFeatures(long maxBytes)
{
    private readonly List<Pair[]> _images = [];
    private long _bytes;

    /// <summary>Keeps the features of the next image, where all before it were kept and there is room.</summary>
    /// <param name="image">The index of the image.</param>
    public void Add(int image, FeaturePyramid pyramid)
    {
        if (image != _images.Count)
            return;
        for (var i = 0; i < pyramid.Pairs; i++)
            _bytes += sizeof(float) * (long)pyramid.Encoded(i).Values.Length;
        if (_bytes <= maxBytes)
            _images.Add([.. Enumerable.Range(0, pyramid.Pairs).Select(i => Pair.Of(pyramid.Encoded(i)))]);
    }

    /// <returns>The features of an image, of each pair of layer and scale; null where they were not kept.</returns>
    public BranchFeatures? Of(int image) => image < _images.Count ? pair => _images[image][pair].Features : null;

    private sealed record Pair(int Width, int Height, int Dimension, FeatureLayout Layout, float[] Values)
    {
        public PatchFeatures Features => new(Width, Height, Dimension, Layout, Values);

        public static Pair Of(PatchFeatures features) => new(features.Width, features.Height, features.Dimension, features.Layout, features.Values.ToArray());
    }
}
