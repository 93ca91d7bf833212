using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/trigger</c>; an empty payload is a trigger without options.</summary>
[Description("Asks for an image and a verdict.")]
public sealed record TriggerCommand
{
    [Description("Returned as trigger.id of the verdict. A trigger with a known id takes no second image; its verdict is sent once more. If absent, it is taken from the correlation data or made by the station.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Id { get; init; }

    [Description("Only this camera; absent for every camera of the station.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }

    [Description("The part's serial number, returned as serial of the verdict; no control characters.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Serial { get; init; }

    [Description("The id of the part that several views share, returned as part of the verdict: a station that assembles parts makes one verdict of them. No control characters.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Part { get; init; }

    [Description("Free fields of the part, returned as meta of the verdict; at most 4096 bytes.")]
    public PartMeta? Meta { get; init; }

    [Description("The product of this part alone; absent for the one that is active. With a name that the station does not have, the verdict is INVALID.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Product { get; init; }
}
