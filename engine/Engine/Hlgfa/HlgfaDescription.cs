using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Hlgfa;

/// <summary>What a model says of itself: the JSON text <c>description</c> in its metadata, in the words of a bank's. See HLGFA-FORMAT.md.</summary>
public sealed record HlgfaDescription
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string EncoderId { get; init; }

    /// <summary>Of the encoder's ONNX file; the model is for no other.</summary>
    public required string EncoderSha256 { get; init; }

    /// <summary>The stages that are aligned.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    public required HlgfaOptions Options { get; init; }

    /// <summary>Of the images trained on, px; of the first one where sizes are mixed.</summary>
    public required int ImageWidth { get; init; }

    public required int ImageHeight { get; init; }

    /// <summary>Of the high view, px.</summary>
    public required int ViewWidth { get; init; }

    public required int ViewHeight { get; init; }

    public required IReadOnlyList<HlgfaStage> Stages { get; init; }

    /// <summary>Good images, those held out among them.</summary>
    public required int Images { get; init; }

    /// <summary>Of those images; null in models of earlier agents.</summary>
    public string? TrainingSha256 { get; init; }

    public required Calibration Calibration { get; init; }

    /// <summary>What good images looked like as images; null in models of earlier agents.</summary>
    [JsonPropertyName("good_images")]
    public ReferenceStatistics? ReferenceStatistics { get; init; }

    public required HlgfaTraining Training { get; init; }

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, // a newer agent may have added something
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It is not a description.</exception>
    public static HlgfaDescription FromJson(string json) =>
        JsonSerializer.Deserialize<HlgfaDescription>(json, Json) ?? throw new JsonException("it is null");
}
