using MrfAd.Engine.Metrics;

namespace MrfAd.Testing;

/// <summary>A test set of score maps in memory.</summary>
/// <param name="width">The width of every image in px.</param>
/// <param name="images">The scores and the mask of each image, [H·W]; an empty mask marks a good part.</param>
public sealed class MapsInMemory(int width, params (float[] Scores, byte[] Mask)[] images) : IPixelMaps
{
    private readonly MaskRegions[] _regions =
        [.. images.Select(i => i.Mask.Length == 0 ? MaskRegions.None(width, i.Scores.Length / width) : new MaskRegions(i.Mask, width, i.Mask.Length / width))];

    public int Count => images.Length;

    public MaskRegions Regions(int image) => _regions[image];

    public ReadOnlySpan<float> Read(int image) => images[image].Scores;
}
