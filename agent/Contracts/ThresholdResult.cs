using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/threshold.")]
public sealed record ThresholdResult
{
    [Description("The cameras whose threshold was set.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("The threshold that is used now.")]
    public required float Threshold { get; init; }

    [Description("The bank's own threshold.")]
    public required float OfBank { get; init; }
}
