using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/bank</c>, <c>cmd/rollback</c> and <c>cmd/selftest</c>.</summary>
[Description("Which detector is meant. An empty payload will do: the station's.")]
public sealed record DetectorCommand
{
    [Description("A camera: what judges its frames; null: the station's detector.")]
    public string? Camera { get; init; }
}
