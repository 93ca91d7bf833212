using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/fetch</c>.</summary>
[Description("Fetches a new bank and the signed manifest (.sig) beside it.")]
public sealed record FetchCommand
{
    [Description("An http or https address, or the path of a file on the station.")]
    public string Source { get; init; } = "";

    [Description("The bank is for the detector that judges this camera's frames; null for the station's own.")]
    public string? Camera { get; init; }

    [Description("The product that it is for; needed where the station has products.")]
    public string? Product { get; init; }
}
