using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("Where the part lies in the frame, relative to the reference that the bank carries.")]
public sealed record VerdictAlignment
{
    [Description("How far the part's centre lies to the right of where it lies in the reference.")]
    public required double DxPx { get; init; }

    [Description("How far the part's centre lies below where it lies in the reference.")]
    public required double DyPx { get; init; }

    [Description("By how much the part is turned, clockwise.")]
    [Range(-180, 180)]
    public required double AngleDeg { get; init; }

    [Description("The part's size relative to that in the reference; 1 where scale is not measured.")]
    [Range(0, double.MaxValue)]
    public required double Scale { get; init; }

    [Description("The correlation of the part with the reference's.")]
    [Range(-1, 1)]
    public required double Quality { get; init; }
}
