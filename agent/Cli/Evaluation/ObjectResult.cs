using MrfAd.Engine.Fusion;

namespace MrfAd.Cli.Evaluation;

/// <param name="Resolution">At which maps and masks were compared: "900x900", or a range.</param>
/// <param name="ImageThreshold">From this image score on an image is called defective in the report; null: none is known.</param>
/// <param name="Scale">Of all heatmaps of this object.</param>
/// <param name="MedianMs">Of scoring an image.</param>
/// <param name="Maps">Of which the variants are made.</param>
/// <param name="Facts">How to repeat it.</param>
/// <param name="Problems">What could not be read or judged, each naming its file or set.</param>
public sealed record ObjectResult(
    string Name,
    int Train,
    int HeldOut,
    int Good,
    int Defective,
    int WithMask,
    string Resolution,
    double? ImageThreshold,
    HeatmapScale Scale,
    double? MedianMs,
    IReadOnlyList<MapName> Maps,
    IReadOnlyList<VariantResult> Variants,
    IReadOnlyList<ImageResult> Images,
    IReadOnlyList<Fact> Facts,
    IReadOnlyList<string> Problems)
{
    /// <summary>The name of the fact that tells of masks that may be wrong.</summary>
    public const string Doubts = "masks";

    public VariantResult Fused => Variants[0];

    /// <summary>"bottle (50 train, 36 test)".</summary>
    public string Title => $"{Name} ({(Train > 0 ? $"{Train} train, " : "")}{Good + Defective} test)";
}
