using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Verdicts;

/// <summary>Keeps the pictures of the regions by which an inspector judges: they are drawn when regions are first used. Not thread-safe.</summary>
public sealed class RegionRasters
{
    // A detector judges for a few cameras, each with regions of its own. Those that are no longer used are forgotten with the others.
    private const int MaxKept = 16;

    private readonly Dictionary<PartRegions, RegionLabels> _labels = new(ReferenceEqualityComparer.Instance);

    /// <returns>The labels of regions; null for null.</returns>
    /// <exception cref="ImageMismatchException">The regions are drawn over images of another size, or leave nothing to inspect.</exception>
    public RegionLabels? Of(PartRegions? regions, Image image)
    {
        if (regions is null)
            return null;
        if ((regions.WidthPx, regions.HeightPx) != (image.Width, image.Height))
            throw new ImageMismatchException($"the regions are drawn over images of {regions.WidthPx}x{regions.HeightPx}, got {image}");
        if (_labels.TryGetValue(regions, out var labels))
            return labels;
        if (_labels.Count == MaxKept)
            _labels.Clear();
        try
        {
            return _labels[regions] = new RegionLabels(regions);
        }
        catch (RegionException e)
        {
            throw new ImageMismatchException(e.Message);
        }
    }
}
