using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>state</c>: retained, QoS 1.</summary>
[Description("The state of the station, and the reason for it.")]
public sealed record StationStateMessage
{
    public const string SchemaName = "mrfad.state.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Description("Preparing (loading), Ready (waits for its first trigger), Running, Degraded (goes on with less) or Error (no verdicts until someone acts).")]
    public required StationState State { get; init; }

    [Description("One sentence; null where there is nothing to explain.")]
    public string? Reason { get; init; }

    [Description("When this state began.")]
    public required DateTimeOffset At { get; init; }

    [Description("The mismatch counters of each camera; published at most once a second.")]
    public required IReadOnlyList<CameraMismatches> Cameras { get; init; }

    [Description("The products of the station; empty where it has none.")]
    public IReadOnlyList<ProductState> Products { get; init; } = [];

    [Description("The version of the agent.")]
    public string? Version { get; init; }

    [Description("True once the reference parts were judged as they should be, false until then and after a self-test that failed; null where there are no reference parts.")]
    public bool? SelfTest { get; init; }
}
