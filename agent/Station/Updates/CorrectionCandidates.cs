using System.ComponentModel;
using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>The false rejects of one detector that can be taught together.</summary>
public sealed record CorrectionCandidates
{
    [Description("The cameras that the detector judges.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("The product that the detector judges; null where the station has no products.")]
    public string? Product { get; init; }

    [Description("The bank that judges now.")]
    public required BankVersion Bank { get; init; }

    [Description("The ids of the NG verdicts on parts that people called good, which are not learned yet and whose frames are kept, the newest first; at most 100.")]
    public required IReadOnlyList<Guid> Verdicts { get; init; }

    [Description("The number of further such parts.")]
    public required int More { get; init; }

    [Description("The number of such parts of which no frame is kept.")]
    public required int WithoutFrame { get; init; }

    [Description("The number of such parts that the bank has learned.")]
    public required int Learned { get; init; }
}
