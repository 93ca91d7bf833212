using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

public sealed record BankUpdate
{
    public required BankVersion Bank { get; init; }

    public required UpdatePhase Phase { get; init; }

    [Description("The progress of this phase.")]
    [Range(0, 1)]
    public required double Progress { get; init; }

    [Description("One sentence; null where there is nothing to explain.")]
    public string? Reason { get; init; }
}
