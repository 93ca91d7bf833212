using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>status</c>: retained, QoS 1; also the payload of the will.</summary>
[Description("Whether the station is online. The broker itself publishes offline when the connection is lost.")]
public sealed record StatusMessage
{
    public const string SchemaName = "mrfad.status.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    public required Presence Status { get; init; }

    [Description("Why it is offline: stopped, or the connection was lost. Null when online.")]
    public string? Reason { get; init; }

    [Description("When the station came online or went offline; null in the will, which is written in advance.")]
    public DateTimeOffset? At { get; init; }

    [Description("The version of the agent.")]
    public required string Version { get; init; }

    [Description("An id of this run of the agent: two that are online at one time are two stations with one name.")]
    public string? Instance { get; init; }
}
