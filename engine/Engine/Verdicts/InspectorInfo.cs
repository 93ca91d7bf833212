using MrfAd.Engine.Fusion;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Verdicts;

/// <summary>By what an image is judged: the identity that every verdict carries.</summary>
/// <param name="ReferenceStatistics">What good images looked like as images; null where that was not learned.</param>
public sealed record InspectorInfo(
    string BankId,
    int BankVersion,
    string BankSha256,
    string EncoderId,
    string EncoderSha256,
    float Threshold,
    HeatmapScale HeatmapScale,
    ReferenceStatistics? ReferenceStatistics = null)
{
    /// <summary>Where each graph really runs; known once the inspector is prepared.</summary>
    public IReadOnlyList<GraphPlacement> Graphs { get; init; } = [];
}
