using MrfAd.Engine.Datasets;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>A labelled test image that has a map.</summary>
/// <param name="Regions">Regions of the ground truth mask; null if there is no usable mask, so that the image counts only for the image figures.</param>
/// <param name="Ms">Duration of scoring in milliseconds.</param>
public sealed record LabelledImage(DatasetImage Image, int Width, int Height, MaskRegions? Regions, double Ms)
{
    public bool Defective => Image.Defective == true;
}
