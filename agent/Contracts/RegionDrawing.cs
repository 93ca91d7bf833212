using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("Regions of a part, in px of the camera's image; of the bank's reference where parts are aligned.")]
public sealed record RegionDrawing
{
    [Description("Width of the image that they are drawn over; it must be that of the camera's images.")]
    [Range(1, 100_000)]
    public required int WidthPx { get; init; }

    [Range(1, 100_000)]
    public required int HeightPx { get; init; }

    [Description("The name of the bank's reference, where parts are aligned and it shall be checked; absent or null for any.")]
    public string? Image { get; init; }

    [Description("The regions; empty to inspect the whole image, whatever the bank's own regions are.")]
    [Length(0, 64)]
    public required IReadOnlyList<RegionShape> Regions { get; init; }
}
