using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("A part of a correction: what learning it, together with the others, would change.")]
public sealed record CorrectedPart
{
    [Description("The verdict that was wrong.")]
    public required Guid Verdict { get; init; }

    [Description("The score of the part with the current bank.")]
    public required float ScoreBefore { get; init; }

    public required float ScoreAfter { get; init; }

    [Description("The threshold of its camera.")]
    public required float Threshold { get; init; }
}
