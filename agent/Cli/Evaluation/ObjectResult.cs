using System.Text.Json.Serialization;
using MrfAd.Engine.Fusion;

namespace MrfAd.Cli.Evaluation;

/// <summary>The results of one object: one entry of <c>run.json</c>, hence so many members.</summary>
/// <param name="Resolution">Size in pixels at which maps and masks were compared: "900x900", or a range.</param>
/// <param name="ImageThreshold">Image score from which an image counts as defective in the report; null if there is no threshold.</param>
/// <param name="Scale">Scale of the colours of all heatmaps of this object.</param>
/// <param name="MedianMs">Median duration of scoring an image in milliseconds.</param>
/// <param name="Maps">Names of the maps that the variants are fused from.</param>
/// <param name="Parameters">Names and values that are needed to repeat the run.</param>
/// <param name="Problems">A text for each file or set that could not be read or judged, with its name.</param>
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
    [property: JsonPropertyName("facts")] IReadOnlyList<RunParameter> Parameters,
    IReadOnlyList<string> Problems)
{
    /// <summary>Name of the entry in <see cref="Parameters"/> that lists masks that may be wrong.</summary>
    public const string Doubts = "masks";

    public VariantResult Fused => Variants[0];

    /// <summary>Name and numbers of images, such as "bottle (50 train, 36 test)".</summary>
    public string Title => $"{Name} ({(Train > 0 ? $"{Train} train, " : "")}{Good + Defective} test)";
}
