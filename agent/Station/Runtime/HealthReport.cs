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

    /// <summary>True where the last self-test of every detector with reference parts was passed, false where one was not or has not ended yet; null where there are no reference parts.</summary>
    public bool? SelfTest { get; init; }

    public bool IsWell => State is StationState.Ready or StationState.Running;
}
