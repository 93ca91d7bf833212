using System.Text.Json.Serialization;
using MrfAd.Engine.Features;

namespace MrfAd.Engine.Masks;

/// <summary>Describes the background removal of a bank: the mask model, and the masks of the good parts. The fill is <see cref="MrfAdOptions.Background"/>.</summary>
public sealed record MaskDescription
{
    public required string ModelId { get; init; }

    /// <summary>SHA-256 of the model's ONNX file, lower-case hex; masks of any other model must not be compared.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>SHA-256 of the model's settings beside its graph (<see cref="EncoderDescriptor.SettingsSha256"/>); null, and not written, in banks of earlier agents.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModelSettingsSha256 { get; init; }

    [JsonPropertyName("usual")]
    public required ReferenceMask Reference { get; init; }
}
