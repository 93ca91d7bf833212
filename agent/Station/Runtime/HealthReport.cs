using MrfAd.Contracts;

namespace MrfAd.Station.Runtime;

/// <param name="Reason">One sentence; null where there is nothing to explain.</param>
/// <param name="Since">When this began.</param>
public sealed record HealthReport(StationState State, string? Reason, DateTimeOffset Since)
{
    /// <summary>One for each camera, in the order of their names.</summary>
    public IReadOnlyList<CameraMismatches> Cameras { get; init; } = [];

    public bool IsWell => State is StationState.Ready or StationState.Running;
}
