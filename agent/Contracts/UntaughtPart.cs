using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("A part that was to be learned, and is not in the correction.")]
public sealed record UntaughtPart
{
    public required Guid Verdict { get; init; }

    [Description("Why, one sentence.")]
    public required string Reason { get; init; }
}
