using System.Text.Json.Serialization;
using MrfAd.Engine.Features;

namespace MrfAd.Engine.Banks;

/// <summary>The accuracy that a bank lost by having fewer or coarser rows, measured on patches of good images, each against the rows of other images.</summary>
/// <param name="PoolRows">The number of rows of all branches to choose from, in fp32.</param>
/// <param name="Rows">The number of rows of all branches that were kept.</param>
/// <param name="MeanError">Mean increase of the distance to the nearest row, as a share of the mean distance to the nearest row of the pool.</param>
/// <param name="Percentile99Error">99th percentile of that increase over single patches, as a share of the same mean distance.</param>
public sealed record ReductionCost(long PoolRows, long Rows, double MeanError, [property: JsonPropertyName("largest_error")] double Percentile99Error)
{
    public string Describe(MrfAdOptions options) => FormattableString.Invariant(
        $"{Rows} of {PoolRows} rows kept ({options.Reduction.ToString().ToLowerInvariant()}), in {options.Precision.ToString().ToLowerInvariant()}: the nearest row lies {100 * MeanError:0.#} % farther from held-out good patches on the mean ({100 * Percentile99Error:0.#} % of the mean distance at the 99th percentile).");
}
