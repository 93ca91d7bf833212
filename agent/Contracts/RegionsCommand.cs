using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/regions</c>.</summary>
[Description("Sets the regions of a part: what is inspected, what is ignored, and what has a name and limits of its own. They hold from the next image on, over restarts, and before those of the bank.")]
public sealed record RegionsCommand
{
    [Description("The camera that they are for; needed where the station has several.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }

    [Description("The product that they are for; needed where the station has products.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Product { get; init; }

    [Description("The regions; absent or null returns to the bank's own.")]
    public RegionDrawing? Regions { get; init; }
}
