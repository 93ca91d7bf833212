using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/teach</c>.</summary>
[Description("Corrects false rejects (overkill); exactly one of 'verdict', 'verdicts', 'confirm' and 'discard' must be set. The frames must be kept: in memory (updates.recent_frames_mb), as pictures or as evidence.")]
public sealed record TeachCommand
{
    [Description("The id of an NG verdict on a good part; the reply says what learning it would change, with the id of the correction ('lesson').")]
    public Guid? Verdict { get; init; }

    /// <summary>The largest number of parts in one correction.</summary>
    public const int MaxVerdicts = 100;

    [Description("The ids of NG verdicts on good parts of one detector, which are learned together as one version of the bank. Those that cannot be learned are left out, with a reason.")]
    [Length(1, MaxVerdicts)]
    public IReadOnlyList<Guid>? Verdicts { get; init; }

    [Description("The id of a correction, which becomes a new version of the bank, signed by the station.")]
    public Guid? Confirm { get; init; }

    [Description("With 'confirm': true also learns a correction whose preview lists defects that would no longer be found ('would_miss').")]
    public bool AcceptMisses { get; init; }

    [Description("The id of a correction, which is discarded.")]
    public Guid? Discard { get; init; }
}
