using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

public sealed record VerdictEncoder
{
    public required string Id { get; init; }

    [Description("Of the ONNX file, lower-case hexadecimal.")]
    public required string Sha256 { get; init; }
}
