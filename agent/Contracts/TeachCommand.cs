using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/teach</c>.</summary>
[Description("Corrects a false reject (overkill); exactly one of 'verdict', 'confirm' and 'discard' must be set. The frame must be among those judged last (updates.recent_frames_mb).")]
public sealed record TeachCommand
{
    [Description("The id of an NG verdict on a good part; the reply says what learning it would change, with the id of the correction ('lesson').")]
    public Guid? Verdict { get; init; }

    [Description("The id of a correction, which becomes a new version of the bank, signed by the station.")]
    public Guid? Confirm { get; init; }

    [Description("With 'confirm': true also learns a correction whose preview lists defects that would no longer be found ('would_miss').")]
    public bool AcceptMisses { get; init; }

    [Description("The id of a correction, which is discarded.")]
    public Guid? Discard { get; init; }
}
