using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

public sealed record BankVersion
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    [Description("The SHA-256 of the file, lower-case hexadecimal.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Sha256 { get; init; }

    [Description("The id of the key that signed it; null for the file that the configuration names.")]
    public string? Key { get; init; }
}
