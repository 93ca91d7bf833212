using MrfAd.Engine.Features;

namespace MrfAd.Engine.Banks;

/// <summary>What a bank lost by having fewer or coarser rows, measured on patches of good images, each against the rows of other images.</summary>
/// <param name="PoolRows">Rows of all branches there were to choose from, in fp32.</param>
/// <param name="Rows">Rows of all branches that were kept.</param>
/// <param name="MeanError">Mean over the patches of (distance to the nearest row kept / to the nearest of the pool) − 1.</param>
/// <param name="LargestError">Its 99th percentile.</param>
public sealed record ReductionCost(long PoolRows, long Rows, double MeanError, double LargestError)
{
    public string Describe(MrfAdOptions options) => FormattableString.Invariant(
        $"{Rows} of {PoolRows} rows kept ({options.Reduction.ToString().ToLowerInvariant()}), in {options.Precision.ToString().ToLowerInvariant()}: held-out good patches lie {100 * MeanError:0.#} % farther from the nearest one on the mean, {100 * LargestError:0.#} % at the 99th percentile.");
}
