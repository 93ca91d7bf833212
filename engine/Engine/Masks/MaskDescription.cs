using MrfAd.Engine.Features;

namespace MrfAd.Engine.Masks;

/// <summary>Of a bank without background: which model told it from the part, and what the good parts' masks looked like. How it was filled stands in <see cref="MrfAdOptions.Background"/>.</summary>
public sealed record MaskDescription
{
    public required string ModelId { get; init; }

    /// <summary>Of the model's ONNX file: another model's masks do not compare.</summary>
    public required string ModelSha256 { get; init; }

    public required ReferenceMask Usual { get; init; }
}
