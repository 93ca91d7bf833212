using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/threshold.")]
public sealed record ThresholdResult
{
    [Description("The cameras for which it holds.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("What holds now.")]
    public required float Threshold { get; init; }

    [Description("The bank's own.")]
    public required float OfBank { get; init; }
}
