using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/fetch</c>.</summary>
[Description("A new bank from elsewhere, its signed manifest (.sig) beside it.")]
public sealed record FetchCommand
{
    [Description("An http or https address, or the path of a file on the station.")]
    public string Source { get; init; } = "";

    [Description("A camera: it is for what judges its frames; null: for the station's detector.")]
    public string? Camera { get; init; }
}
