using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

public sealed record VerdictEncoder
{
    public required string Id { get; init; }

    [Description("The SHA-256 of the ONNX file, lower-case hexadecimal.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Sha256 { get; init; }
}
