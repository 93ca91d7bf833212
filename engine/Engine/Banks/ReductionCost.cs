using MrfAd.Engine.Features;

namespace MrfAd.Engine.Banks;

/// <summary>What a bank lost by having fewer or coarser rows, measured on patches of good images, each against the rows of other images.</summary>
/// <param name="PoolRows">Rows of all branches there were to choose from, in fp32.</param>
/// <param name="Rows">Rows of all branches that were kept.</param>
/// <param name="MeanError">How much farther the nearest row kept lies than the nearest of the pool, on the mean, as a share of the latter's mean distance.</param>
/// <param name="LargestError">The 99th percentile of the same, patch by patch.</param>
public sealed record ReductionCost(long PoolRows, long Rows, double MeanError, double LargestError)
{
    public string Describe(MrfAdOptions options) => FormattableString.Invariant(
        $"{Rows} of {PoolRows} rows kept ({options.Reduction.ToString().ToLowerInvariant()}), in {options.Precision.ToString().ToLowerInvariant()}: the nearest row lies {100 * MeanError:0.#} % farther from held-out good patches on the mean ({100 * LargestError:0.#} % of the mean distance at the 99th percentile).");
}
