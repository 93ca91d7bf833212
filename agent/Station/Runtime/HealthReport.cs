using MrfAd.Contracts;

namespace MrfAd.Station.Runtime;

/// <summary>The state of the station at one moment.</summary>
/// <param name="Reason">One sentence that explains the state; null where there is nothing to explain.</param>
/// <param name="Since">The time at which this state began.</param>
public sealed record HealthReport(StationState State, string? Reason, DateTimeOffset Since)
{
    /// <summary>The mismatch counters of each camera, in the order of their names.</summary>
    public IReadOnlyList<CameraMismatches> Cameras { get; init; } = [];

    /// <summary>The products, in the order of the configuration; empty where there are none.</summary>
    public IReadOnlyList<ProductState> Products { get; init; } = [];

    public bool IsWell => State is StationState.Ready or StationState.Running;
}
