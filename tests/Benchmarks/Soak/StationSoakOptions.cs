namespace MrfAd.Benchmarks.Soak;

/// <summary>The size of a station soak.</summary>
/// <param name="Triggers">The number of triggers of the line.</param>
/// <param name="Seed">Seed of the kinds and the times of all disturbances.</param>
/// <param name="Timeout">Maximum duration of the soak, after which it fails.</param>
/// <param name="MemoryMb">The agent's memory budget: the largest resident memory that passes, in MB.</param>
/// <param name="TriggersPerDisturbance">The mean number of triggers between two disturbances.</param>
public sealed record StationSoakOptions(int Triggers, int Seed, TimeSpan Timeout, int MemoryMb = 500, int TriggersPerDisturbance = 25);
