using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("What a lesson would change; nothing has changed yet. The result of cmd/teach.")]
public sealed record CorrectionPreview
{
    [Description("To confirm or discard it by.")]
    public required Guid Lesson { get; init; }

    [Description("The verdict that was wrong.")]
    public required Guid Verdict { get; init; }

    [Description("The version that it would become.")]
    public required BankVersion Bank { get; init; }

    [Description("The part's score as it is, and as it would be.")]
    public required float ScoreBefore { get; init; }

    public required float ScoreAfter { get; init; }

    public required float Threshold { get; init; }

    [Description("Patches that would be learned.")]
    [Range(0, int.MaxValue)]
    public required int Patches { get; init; }

    [Description("Defective golden parts, and NG frames in memory, that would no longer be found.")]
    public required IReadOnlyList<string> WouldMiss { get; init; }

    [Description("Of so many that were looked at.")]
    [Range(0, int.MaxValue)]
    public required int LookedAt { get; init; }

    [Description("It is confirmed and on its way; the topic bank tells how it goes.")]
    public bool Confirmed { get; init; }
}
