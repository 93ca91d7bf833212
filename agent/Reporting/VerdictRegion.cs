using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

[Description("Connected pixels at or above the threshold; origin is the image's top left corner.")]
public sealed record VerdictRegion
{
    [Description("Left edge of the bounding box.")]
    public required int XPx { get; init; }

    [Description("Top edge of the bounding box.")]
    public required int YPx { get; init; }

    [Description("Of the bounding box.")]
    public required int WidthPx { get; init; }

    [Description("Of the bounding box.")]
    public required int HeightPx { get; init; }

    [Description("Pixels in the region.")]
    public required int AreaPx { get; init; }

    [Description("The highest anomaly score in the region.")]
    public required float Score { get; init; }
}
