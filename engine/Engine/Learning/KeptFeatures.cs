using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Learning;

/// <summary>Keeps the features of the first images in memory, so that they are calibrated without being read and encoded once more.</summary>
/// <param name="maxBytes">The memory that they may take, bytes; the images beyond it are not kept.</param>
internal sealed class KeptFeatures(long maxBytes)
{
    private readonly List<Branch[]> _images = [];
    private long _bytes;

    /// <summary>Keeps the features of the next image, where all before it were kept and there is room.</summary>
    /// <param name="image">The index of the image.</param>
    public void Add(int image, FeaturePyramid pyramid)
    {
        if (image != _images.Count)
            return;
        for (var b = 0; b < pyramid.Branches; b++)
            _bytes += sizeof(float) * (long)pyramid.Branch(b).Values.Length;
        if (_bytes <= maxBytes)
            _images.Add([.. Enumerable.Range(0, pyramid.Branches).Select(b => Branch.Of(pyramid.Branch(b)))]);
    }

    /// <returns>The features of an image; null where they were not kept.</returns>
    public BranchFeatures? Of(int image) => image < _images.Count ? branch => _images[image][branch].Features : null;

    private sealed record Branch(int Width, int Height, int Dimension, FeatureLayout Layout, float[] Values)
    {
        public PatchFeatures Features => new(Width, Height, Dimension, Layout, Values);

        public static Branch Of(PatchFeatures features) => new(features.Width, features.Height, features.Dimension, features.Layout, features.Values.ToArray());
    }
}
