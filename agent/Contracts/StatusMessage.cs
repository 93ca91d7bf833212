using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>status</c>: retained, QoS 1; also the will.</summary>
[Description("Is the station there? The broker itself says offline when the connection is lost.")]
public sealed record StatusMessage
{
    public const string SchemaName = "mrfad.status.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.LongestName)]
    public required string Station { get; init; }

    public required Presence Status { get; init; }

    [Description("Why it is offline: stopped, or the connection was lost. Null when online.")]
    public string? Reason { get; init; }

    [Description("When it came or went; null in the will, which is written before it happens.")]
    public DateTimeOffset? At { get; init; }

    [Description("Of the agent.")]
    public required string Version { get; init; }
}
