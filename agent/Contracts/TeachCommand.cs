using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/teach</c>.</summary>
[Description("This was good: one of three. The frame must be among those judged last (updates.recent_frames_mb).")]
public sealed record TeachCommand
{
    [Description("The id of an NG verdict on a good part: the answer says what learning it would change.")]
    public Guid? Verdict { get; init; }

    [Description("The lesson of that answer becomes a new version of the bank, signed by the station.")]
    public Guid? Confirm { get; init; }

    [Description("It is forgotten.")]
    public Guid? Discard { get; init; }
}
