using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Inspection;

/// <summary>What the detector said of an image, less the map, which it writes over at its next image.</summary>
/// <param name="Explanation">Of an NG part; otherwise empty.</param>
public sealed record Judgement(InspectorInfo By, float Score, float Threshold, double PValue, IReadOnlyList<Region> Regions, StageTimes Times, IReadOnlyList<HotSpot> Explanation)
{
    /// <inheritdoc cref="Engine.Verdicts.Inspection.Degraded"/>
    public string? Degraded { get; init; }
}
