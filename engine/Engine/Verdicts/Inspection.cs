using MrfAd.Engine.Alignment;
using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Verdicts;

/// <summary>The result of inspecting one image. The inspector owns <see cref="Map"/> and overwrites it with the next image.</summary>
/// <param name="Score">The image's anomaly score (the highest of the map).</param>
/// <param name="Threshold">The score from which on a part is defective.</param>
/// <param name="PValue">The share of good parts expected to score at least this high, (0, 1].</param>
/// <param name="Regions">The regions at or above the threshold, highest score first; empty where the part is good.</param>
/// <param name="Map">The anomaly map, [H, W] of the image.</param>
public sealed record Inspection(
    float Score,
    float Threshold,
    double PValue,
    IReadOnlyList<Region> Regions,
    AnomalyMap Map,
    StageTimes Times)
{
    /// <summary>A sentence that names a step that had to be left out; null where the inspection is complete.</summary>
    public string? Degraded { get; init; }

    /// <summary>True where the part's mask was rejected, and more than the part was inspected.</summary>
    public bool IsMaskDoubted { get; init; }

    /// <summary>The place of the part in the frame; null where frames are not aligned.</summary>
    public AlignmentResult? Alignment { get; init; }

    /// <summary>True where scores of <see cref="Map"/> below <see cref="Score"/> and <see cref="Threshold"/> may be upper bounds (<see cref="IInspector.MakeExact"/>).</summary>
    public bool IsBounded { get; init; }

    public bool IsDefective => Score >= Threshold;
}
