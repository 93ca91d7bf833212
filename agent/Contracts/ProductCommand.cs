using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/product</c>.</summary>
[Description("Makes a product the active one. It holds for the triggers that come after this command, over restarts.")]
public sealed record ProductCommand
{
    [Description("The name of the product.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string Product { get; init; } = "";

    [Description("Only for this camera; absent for every camera of the station.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }
}
