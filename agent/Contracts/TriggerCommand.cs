using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/trigger</c>; an empty payload is a trigger without options.</summary>
[Description("Asks for an image and a verdict.")]
public sealed record TriggerCommand
{
    [Description("Comes back as trigger.id of the verdict. A trigger of the same id is the same one, sent again: it brings no second image, its verdict is sent once more. Absent: taken from the correlation data, or made by the station.")]
    [Length(1, StationTopics.LongestName)]
    public string? Id { get; init; }

    [Description("Only this camera; absent: every camera of the station.")]
    [Length(1, StationTopics.LongestName)]
    public string? Camera { get; init; }
}
