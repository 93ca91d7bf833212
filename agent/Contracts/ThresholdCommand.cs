using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/threshold</c>.</summary>
[Description("Sets the score from which on a part is NG, for the bank that is loaded now. It holds from the next image on, over restarts, until another bank is loaded.")]
public sealed record ThresholdCommand
{
    [Description("Only this camera; absent for every camera of the station.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }

    [Description("The product that it is for; needed where the station has products.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Product { get; init; }

    [Description("The threshold; absent or null returns to the bank's own.")]
    public float? Threshold { get; init; }
}
