using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

public sealed record VerdictBank
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    [Description("Of the bank file, lower-case hexadecimal.")]
    public required string Sha256 { get; init; }
}
