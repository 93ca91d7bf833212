using System.ComponentModel;

namespace MrfAd.Station.Review;

/// <summary>The false-reject and miss rates that labels show.</summary>
public sealed record MeasuredRates
{
    [Description("The share of good parts that were rejected (overkill).")]
    public required Rate FalseReject { get; init; }

    [Description("The share of bad parts that were passed (escapes).")]
    public required Rate Miss { get; init; }

    [Description("The number of NG parts, labelled or not.")]
    public required long Ng { get; init; }

    [Description("The number of OK parts, labelled or not.")]
    public required long Ok { get; init; }

    [Description("NG parts that were called good, and bad.")]
    public required int NgGood { get; init; }

    public required int NgBad { get; init; }

    [Description("OK parts of the sample that were called good, and bad.")]
    public required int SampleGood { get; init; }

    public required int SampleBad { get; init; }

    [Description("All OK parts that were called bad, also those that somebody picked: known escapes.")]
    public required int KnownMisses { get; init; }
}
