using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("A rectangle in pixels of the camera's image.")]
public sealed record VerdictBox
{
    [Range(0, int.MaxValue)]
    public required int XPx { get; init; }

    [Range(0, int.MaxValue)]
    public required int YPx { get; init; }

    [Range(1, int.MaxValue)]
    public required int WidthPx { get; init; }

    [Range(1, int.MaxValue)]
    public required int HeightPx { get; init; }
}
