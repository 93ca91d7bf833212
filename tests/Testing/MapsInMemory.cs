using MrfAd.Engine.Metrics;

namespace MrfAd.Testing;

/// <summary>A test set written out by hand.</summary>
/// <param name="width">Of every image, px.</param>
/// <param name="images">Scores and mask [H·W]; an empty mask: good.</param>
public sealed class MapsInMemory(int width, params (float[] Scores, byte[] Mask)[] images) : IPixelMaps
{
    private readonly MaskRegions[] _regions =
        [.. images.Select(i => i.Mask.Length == 0 ? MaskRegions.None(width, i.Scores.Length / width) : new MaskRegions(i.Mask, width, i.Mask.Length / width))];

    public int Count => images.Length;

    public MaskRegions Regions(int image) => _regions[image];

    public ReadOnlySpan<float> Read(int image) => images[image].Scores;
}
