using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/bank</c>, <c>cmd/rollback</c> and <c>cmd/selftest</c>.</summary>
[Description("The detector that the command is for. An empty payload means the station's own.")]
public sealed record DetectorCommand
{
    [Description("The detector that judges this camera's frames; null for the station's own.")]
    public string? Camera { get; init; }

    [Description("The product that it is for; needed where the station has products.")]
    public string? Product { get; init; }
}
