using MrfAd.Engine.Datasets;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>A labelled test image that has a map.</summary>
/// <param name="Regions">Of its mask; null: it has none that can be used, and counts for the image figures only.</param>
/// <param name="Ms">What scoring took.</param>
public sealed record LabelledImage(DatasetImage Image, int Width, int Height, MaskRegions? Regions, double Ms)
{
    public bool Defective => Image.Defective == true;
}
