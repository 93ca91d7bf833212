using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

/// <summary>The payload of <c>cmd/trigger</c>; an empty payload is a trigger without options.</summary>
[Description("Asks for an image and a verdict.")]
public sealed record TriggerCommand
{
    [Description("Comes back as trigger.id of the verdict; the station makes one if absent.")]
    public string? Id { get; init; }

    [Description("Only this camera; absent: every camera of the station.")]
    public string? Camera { get; init; }
}
