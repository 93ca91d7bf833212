using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Engine.Banks;

/// <summary>The members that the descriptions of all kinds of models share: a part of the JSON text <c>description</c> in its metadata.</summary>
public sealed record ModelDescription
{
    public required string Id { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string EncoderId { get; init; }

    public required string EncoderSha256 { get; init; }

    /// <summary>Digest of the images that the model was made of, SHA-256 in hex; null where it is not recorded.</summary>
    public string? TrainingSha256 { get; init; }

    /// <summary>The calibration as JSON; its member <c>threshold</c> is the score from which on a part is defective.</summary>
    public required JsonElement Calibration { get; init; }

    [JsonIgnore]
    public float Threshold => Calibration.GetProperty("threshold").GetSingle();

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true };

    /// <exception cref="JsonException">The text is not a description, or has no finite threshold.</exception>
    public static ModelDescription FromJson(string json)
    {
        var description = JsonSerializer.Deserialize<ModelDescription>(json, Json) ?? throw new JsonException("it is null");
        if (description.Calibration.ValueKind != JsonValueKind.Object || !description.Calibration.TryGetProperty("threshold", out var threshold)
            || threshold.ValueKind != JsonValueKind.Number || !threshold.TryGetSingle(out var value) || !float.IsFinite(value))
            throw new JsonException("the calibration has no finite 'threshold'");
        return description;
    }
}
