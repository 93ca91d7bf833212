using MrfAd.Engine.Alignment;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Verdicts;

/// <summary>Identifies the detector by which an image is judged: the identity that every verdict carries.</summary>
/// <param name="ReferenceStatistics">Statistics of the good images, against which an image is checked before it is judged; null where they were not learned.</param>
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
    /// <summary>The provider on which each graph actually runs; known once the inspector is prepared.</summary>
    public IReadOnlyList<GraphPlacement> Graphs { get; init; } = [];

    /// <summary>False where the bank or model carries no checksum of its content, so that damage to it may go unseen; it was made by version 0.1.</summary>
    public bool HasChecksum { get; init; } = true;

    /// <summary>The size of the images learned; null where it is not known.</summary>
    public LearnedSize? Learned { get; init; }

    /// <summary>The regions of the part with which the bank was learned; null where there are none.</summary>
    public PartRegions? Regions { get; init; }

    /// <summary>The reference that frames are aligned to, and on which regions lie; null where frames are compared as they lie.</summary>
    public AlignmentReference? Reference { get; init; }

    /// <summary>SHA-256 of the reference's picture, lower-case hex, by which regions know what they were drawn over; null where frames are compared as they lie.</summary>
    public string? ReferenceSha256 { get; init; }

    /// <summary>The limits of the images to judge.</summary>
    public ImageLimits Limits => Learned?.Limits ?? ImageLimits.Default;
}
