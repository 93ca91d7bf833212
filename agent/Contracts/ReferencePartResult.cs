using System.ComponentModel;

namespace MrfAd.Contracts;

public sealed record ReferencePartResult
{
    [Description("The name of the image file, after good/ or bad/.")]
    public required string Part { get; init; }

    [Description("OK for a part in good/, NG for one in bad/.")]
    public required Verdict Wanted { get; init; }

    public required Verdict Verdict { get; init; }

    [Description("Null where it could not be judged.")]
    public float? Score { get; init; }

    [Description("The score when this bank judged the part first; null the first time.")]
    public float? FirstScore { get; init; }
}
