using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("Connected pixels at or above the threshold; origin is the image's top left corner.")]
public sealed record VerdictRegion
{
    [Description("Left edge of the bounding box.")]
    [Range(0, int.MaxValue)]
    public required int XPx { get; init; }

    [Description("Top edge of the bounding box.")]
    [Range(0, int.MaxValue)]
    public required int YPx { get; init; }

    [Description("Width of the bounding box.")]
    [Range(1, int.MaxValue)]
    public required int WidthPx { get; init; }

    [Description("Height of the bounding box.")]
    [Range(1, int.MaxValue)]
    public required int HeightPx { get; init; }

    [Description("Pixels in the region.")]
    [Range(1, int.MaxValue)]
    public required int AreaPx { get; init; }

    [Description("The highest anomaly score in the region.")]
    public required float Score { get; init; }

    [Description("The named region of the part that it lies in; null where it lies in none.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Name { get; init; }
}
