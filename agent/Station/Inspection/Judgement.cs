using MrfAd.Engine.Alignment;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Inspection;

/// <summary>The judgement of an image, without the anomaly map, which the detector overwrites at its next image.</summary>
/// <param name="By">The detector that judged.</param>
/// <param name="Score">The anomaly score of the image.</param>
/// <param name="Threshold">The score from which on a part is NG.</param>
/// <param name="PValue">The p-value of the score among those of the good images, 0 to 1.</param>
/// <param name="Regions">The defective regions.</param>
/// <param name="Times">The durations of the stages.</param>
/// <param name="Explanation">The hottest spots of an NG part with their nearest patches; empty for other parts.</param>
public sealed record Judgement(InspectorInfo By, float Score, float Threshold, double PValue, IReadOnlyList<Region> Regions, StageTimes Times, IReadOnlyList<HotSpot> Explanation)
{
    /// <inheritdoc cref="Engine.Verdicts.Inspection.Degraded"/>
    public string? Degraded { get; init; }

    /// <inheritdoc cref="Engine.Verdicts.Inspection.IsMaskDoubted"/>
    public bool IsMaskDoubted { get; init; }

    /// <inheritdoc cref="Engine.Verdicts.Inspection.IsBounded"/>
    public bool IsBounded { get; init; }

    /// <inheritdoc cref="Engine.Verdicts.Inspection.Alignment"/>
    public AlignmentResult? Alignment { get; init; }

    /// <inheritdoc cref="Engine.Verdicts.Inspection.RegionsSha256"/>
    public string? RegionsSha256 { get; init; }
}
