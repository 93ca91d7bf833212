using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("What learning false rejects (overkill) would change; nothing has changed yet. The result of cmd/teach.")]
public sealed record CorrectionPreview
{
    [Description("The id by which the correction is confirmed or discarded.")]
    public required Guid Lesson { get; init; }

    [Description("The verdict that was wrong; of several, the first one in 'parts'.")]
    public required Guid Verdict { get; init; }

    [Description("The version of the bank that it would become.")]
    public required BankVersion Bank { get; init; }

    [Description("The score of the part with the current bank; of several, the highest.")]
    public required float ScoreBefore { get; init; }

    public required float ScoreAfter { get; init; }

    public required float Threshold { get; init; }

    [Description("The parts that would be learned, all as one version of the bank.")]
    public IReadOnlyList<CorrectedPart> Parts { get; init; } = [];

    [Description("Parts that were asked for and cannot be learned, or need not be.")]
    public IReadOnlyList<UntaughtPart> LeftOut { get; init; } = [];

    [Description("Patches that would be learned.")]
    [Range(0, int.MaxValue)]
    public required int Patches { get; init; }

    [Description("Known defects that would no longer be found: the files of defective reference parts, and 'verdict ID' for NG frames in memory and for parts that people called bad.")]
    public required IReadOnlyList<string> WouldMiss { get; init; }

    [Description("The number of known defects that were tested.")]
    [Range(0, int.MaxValue)]
    public required int LookedAt { get; init; }

    [Description("True once it is confirmed; the topic bank then reports the update.")]
    public bool Confirmed { get; init; }
}
