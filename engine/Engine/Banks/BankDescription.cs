using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Features;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Banks;

/// <summary>The description of a bank: the JSON text <c>description</c> in its metadata. See BANK-FORMAT.md.</summary>
public sealed record BankDescription
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string EncoderId { get; init; }

    /// <summary>SHA-256 of the encoder's ONNX file, lower-case hex; features of any other encoder must not be compared with this bank.</summary>
    public required string EncoderSha256 { get; init; }

    /// <summary>SHA-256 of the encoder's settings beside its graph (<see cref="Features.EncoderDescriptor.SettingsSha256"/>); null, and not written, in files of earlier agents.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EncoderSettingsSha256 { get; init; }

    public required IReadOnlyList<string> Layers { get; init; }

    public required MrfAdOptions Options { get; init; }

    /// <summary>Width of the learned images, px; that of the first image where sizes are mixed.</summary>
    public required int ImageWidth { get; init; }

    public required int ImageHeight { get; init; }

    /// <summary>Width times height of the largest image; null, and not written, where all have one size, and null in files of earlier agents.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxImagePixels { get; init; }

    /// <summary>The views (resized versions) that were used for images of that size.</summary>
    public required IReadOnlyList<View> Views { get; init; }

    /// <summary>The number of good images learned.</summary>
    public required int Images { get; init; }

    /// <summary>Digest of the learned images' names and bytes, SHA-256 in hex; null in banks of earlier agents.</summary>
    public string? TrainingSha256 { get; init; }

    public required Calibration Calibration { get; init; }

    /// <summary>Statistics of the good images' brightness, sharpness and content, against which a new image is checked before it is judged; null in banks of earlier agents.</summary>
    [JsonPropertyName("good_images")]
    public ReferenceStatistics? ReferenceStatistics { get; init; }

    /// <summary>The mask model that separated the part from its background; null where the whole image counts.</summary>
    public MaskDescription? Mask { get; init; }

    /// <summary>The reference that frames are aligned to; null, and not written, where they are compared as they lie.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AlignmentReference? Alignment { get; init; }

    /// <summary>The regions with which the bank was learned, drawn over the reference where frames are aligned; null, and not written, where the whole image counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PartRegions? Regions { get; init; }

    /// <summary>The factor of each branch's map in the mean, in the order of <see cref="BranchNames"/>; null, and not written, where all count alike.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Weights { get; init; }

    /// <summary>The loss of accuracy caused by a coreset or a byte budget; null where neither was asked for.</summary>
    public ReductionCost? Reduction { get; init; }

    /// <summary>What was tried where learning chose the shapes of features; null, and not written, where they were given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MapChoice? Choice { get; init; }

    /// <summary>Names of the pairs (layer l, scale s) or, where features have several shapes, of the triples with a shape, in the order of <see cref="FeaturePyramid.Branch"/>.</summary>
    [JsonIgnore]
    public IEnumerable<string> BranchNames => Options.Scales.SelectMany(_ => Layers, BranchName).SelectMany(pair => Options.Shapes.Count == 1 ? [pair] : Options.Shapes.Select(s => $"{pair}.{s.Name}"));

    /// <summary>The reason why a description that could be parsed is not valid; null where it is valid.</summary>
    internal string? Fault =>
        !BranchNames.Any() ? "the description names no layer, or no scale"
        : Options.Shapes.Distinct().Count() != Options.Shapes.Count ? "the description names a shape of features twice"
        : BranchNames.Distinct().Count() != BranchNames.Count() ? "the description names a layer or a scale twice"
        : Options.Shapes.FirstOrDefault(s => s.Fault is not null) is { } shape ? $"the shape of features '{shape.Name}' has {shape.Fault}"
        : Options.Megapixels is { } megapixels && !(megapixels > 0 && double.IsFinite(megapixels)) ? FormattableString.Invariant($"the description has images of {megapixels} megapixels, want a number above 0")
        : Weights is not null && (Weights.Count != BranchNames.Count() || !Weights.All(w => w > 0 && float.IsFinite(w))) ? $"the description has the weights {string.Join(", ", Weights)}, want {BranchNames.Count()} numbers above 0"
        : Views.Count != Options.Scales.Count ? $"the description has {Views.Count} views, want one for each of {Options.Scales.Count} scales"
        : EncoderSha256.Length != Sha256Letters || (Mask is not null && Mask.ModelSha256.Length != Sha256Letters) ? "a SHA-256 in the description is none"
        : Mask is not null && Mask.Reference.Profile.Length != ReferenceMask.ProfileSide * ReferenceMask.ProfileSide ? $"the masks' profile has {Mask.Reference.Profile.Length} cells, want {ReferenceMask.ProfileSide * ReferenceMask.ProfileSide}"
        : Alignment is not null && (Alignment.Width, Alignment.Height) != (ImageWidth, ImageHeight) ? $"the alignment is of frames of {Alignment.Width}x{Alignment.Height}, the images are of {ImageWidth}x{ImageHeight}"
        : Regions is not null && (Regions.WidthPx, Regions.HeightPx) != (ImageWidth, ImageHeight) ? $"the regions are drawn over images of {Regions.WidthPx}x{Regions.HeightPx}, the images are of {ImageWidth}x{ImageHeight}"
        : Regions?.Fault is { } drawn ? $"the regions: {drawn}"
        : Alignment?.Fault ?? ReferenceStatistics?.Fault;

    /// <summary>True where features are whitened or have several shapes, maps have weights, or images are resized before the scales.</summary>
    [JsonIgnore]
    public bool IsShaped => !Options.IsShapedSimply || Weights is not null || Options.Megapixels is not null;

    private const int Sha256Letters = 64;

    /// <summary>The size of the images, as far as it is known.</summary>
    [JsonIgnore]
    public LearnedSize Learned => new(Id, ImageWidth, ImageHeight, Options.MixedSizes, MaxImagePixels);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, // a newer agent may have added members
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is not a bank description.</exception>
    public static BankDescription FromJson(string json) =>
        JsonSerializer.Deserialize<BankDescription>(json, Json) ?? throw new JsonException("it is null");

    /// <summary>Returns layer and scale as they stand in the tensors' names, such as "stage2.0.3".</summary>
    private static string BranchName(double scale, string layer) => FormattableString.Invariant($"{layer}.{scale}");
}
