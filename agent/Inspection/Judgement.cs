using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Inspection;

/// <summary>What the detector said of an image, less the map, which it writes over at its next image.</summary>
public sealed record Judgement(InspectorInfo By, float Score, float Threshold, double PValue, IReadOnlyList<Region> Regions, StageTimes Times);
