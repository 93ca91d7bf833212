using MrfAd.Engine.Alignment;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Verdicts;

/// <summary>The result of inspecting one image. The inspector owns <see cref="Map"/> and overwrites it with the next image.</summary>
/// <param name="Score">The image's anomaly score: the highest of the map, outside of the named regions that have a limit of their own.</param>
/// <param name="Threshold">The score from which on a part is defective.</param>
/// <param name="PValue">The share of good parts expected to score at least this high, (0, 1].</param>
/// <param name="Regions">The defects, i.e. connected pixels at or above their threshold, highest score first; empty where the part is good.</param>
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

    /// <summary>The regions of the part by which it was judged, <see cref="PartRegions.Sha256"/>; null where there are none.</summary>
    public string? RegionsSha256 { get; init; }

    /// <summary>True where there is a defect; a named region with a limit of its own may hold one whatever the score is.</summary>
    public bool IsDefective => Regions.Count > 0 || Score >= Threshold;
}
