namespace MrfAd.Station.Options;

/// <summary>The memory that the station may use for what it holds: models, frames, uploads and pictures. The program itself and the encoder's intermediate values come on top.</summary>
public sealed record MemoryOptions
{
    private const double DefaultShare = 0.5;

    /// <summary>The budget in MB; null: half of the memory that the process may use.</summary>
    public int? BudgetMb { get; init; }

    /// <returns>The budget in bytes.</returns>
    public long BudgetBytes() => BudgetMb is { } megabytes ? megabytes * 1_000_000L : (long)(DefaultShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
