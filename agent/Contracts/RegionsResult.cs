using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/regions.")]
public sealed record RegionsResult
{
    public required string Camera { get; init; }

    [Description("The product that they are for; null where the station has none.")]
    public string? Product { get; init; }

    [Description("Identifies the regions that are used now, as regions_sha256 of a verdict; null where the whole image is inspected.")]
    public string? RegionsSha256 { get; init; }
}
