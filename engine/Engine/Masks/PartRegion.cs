using System.Text.Json.Serialization;

namespace MrfAd.Engine.Masks;

/// <summary>A polygon that is drawn over a part.</summary>
public sealed record PartRegion
{
    /// <summary>Maximum number of characters of <see cref="Name"/>.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The name, which a region of the kind <see cref="RegionKind.Named"/> must have; null, and not written, where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    public required RegionKind Kind { get; init; }

    /// <summary>The score from which on a pixel of a named region is defective; null, and not written, takes the threshold of the whole part.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Threshold { get; init; }

    /// <summary>The least number of connected pixels that are a defect in a named region; null, and not written, means 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinAreaPx { get; init; }

    /// <summary>The corners in order, each x and y in px from the image's top left corner: the centre of the first pixel is (0.5, 0.5).</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Points { get; init; }

    /// <summary>True where a part is judged by limits of this region's own.</summary>
    [JsonIgnore]
    public bool HasOwnLimit => Kind == RegionKind.Named && (Threshold is not null || MinAreaPx is > 1);
}
