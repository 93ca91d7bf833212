using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Verdicts;

/// <summary>What one image turned out to be. The inspector owns <see cref="Map"/> and writes over it at its next image.</summary>
/// <param name="Score">The image's anomaly score (the highest of the map).</param>
/// <param name="Threshold">The score from which on a part is defective.</param>
/// <param name="PValue">The share of good parts expected to score at least this high, (0, 1].</param>
/// <param name="Regions">Highest score first; empty where the part is good.</param>
/// <param name="Map">[H, W] of the image.</param>
public sealed record Inspection(
    float Score,
    float Threshold,
    double PValue,
    IReadOnlyList<Region> Regions,
    AnomalyMap Map,
    StageTimes Times)
{
    /// <summary>What it was judged without, one sentence; null: nothing was missing.</summary>
    public string? Degraded { get; init; }

    public bool IsDefective => Score >= Threshold;
}
