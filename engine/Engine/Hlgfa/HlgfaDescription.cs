using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Hlgfa;

/// <summary>The description of an HLGFA model: the JSON text <c>description</c> in its metadata, with the member names of a bank's description. See HLGFA-FORMAT.md.</summary>
public sealed record HlgfaDescription
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string EncoderId { get; init; }

    /// <summary>SHA-256 of the encoder's ONNX file, lower-case hex; the model works with no other encoder.</summary>
    public required string EncoderSha256 { get; init; }

    /// <summary>SHA-256 of the encoder's settings beside its graph (<see cref="Features.EncoderDescriptor.SettingsSha256"/>); null, and not written, in files of earlier agents.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EncoderSettingsSha256 { get; init; }

    /// <summary>The encoder's layers that are aligned, one for each stage.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    public required HlgfaOptions Options { get; init; }

    /// <summary>Width of the training images, px; that of the first image where sizes are mixed.</summary>
    public required int ImageWidth { get; init; }

    public required int ImageHeight { get; init; }

    /// <summary>Width times height of the largest image; null, and not written, where all have one size, and null in files of earlier agents.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxImagePixels { get; init; }

    /// <summary>Width of the high-resolution view, px.</summary>
    public required int ViewWidth { get; init; }

    public required int ViewHeight { get; init; }

    public required IReadOnlyList<HlgfaStage> Stages { get; init; }

    /// <summary>The number of good images, including those held out.</summary>
    public required int Images { get; init; }

    /// <summary>Digest of those images' names and bytes, SHA-256 in hex; null in models of earlier agents.</summary>
    public string? TrainingSha256 { get; init; }

    public required Calibration Calibration { get; init; }

    /// <summary>Statistics of the good images' brightness, sharpness and content, against which a new image is checked before it is judged; null in models of earlier agents.</summary>
    [JsonPropertyName("good_images")]
    public ReferenceStatistics? ReferenceStatistics { get; init; }

    public required HlgfaTraining Training { get; init; }

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

    /// <exception cref="JsonException">The text is not a model description.</exception>
    public static HlgfaDescription FromJson(string json) =>
        JsonSerializer.Deserialize<HlgfaDescription>(json, Json) ?? throw new JsonException("it is null");
}
