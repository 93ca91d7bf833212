using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("What learning a false reject (overkill) would change; nothing has changed yet. The result of cmd/teach.")]
public sealed record CorrectionPreview
{
    [Description("The id by which the correction is confirmed or discarded.")]
    public required Guid Lesson { get; init; }

    [Description("The verdict that was wrong.")]
    public required Guid Verdict { get; init; }

    [Description("The version of the bank that it would become.")]
    public required BankVersion Bank { get; init; }

    [Description("The score of the part with the current bank.")]
    public required float ScoreBefore { get; init; }

    public required float ScoreAfter { get; init; }

    public required float Threshold { get; init; }

    [Description("Patches that would be learned.")]
    [Range(0, int.MaxValue)]
    public required int Patches { get; init; }

    [Description("Defective reference parts, and NG frames in memory, that would no longer be found.")]
    public required IReadOnlyList<string> WouldMiss { get; init; }

    [Description("The number of defective reference parts and NG frames that were tested.")]
    [Range(0, int.MaxValue)]
    public required int LookedAt { get; init; }

    [Description("True once it is confirmed; the topic bank then reports the update.")]
    public bool Confirmed { get; init; }
}
