using System.Text.Json.Serialization;

namespace MrfAd.Engine.Alignment;

/// <summary>The reference that parts are aligned to, as a bank carries it.</summary>
public sealed record AlignmentReference
{
    /// <summary>Length of the longer side of <see cref="Png"/> in px: a quarter of a pixel here, which alignment reaches, is less than a pixel of frames of four times this size.</summary>
    public const int Side = 256;

    /// <summary>The name of the good image that it was made of.</summary>
    public required string Image { get; init; }

    /// <summary>That image in grey and small, as a PNG file.</summary>
    public required byte[] Png { get; init; }

    /// <summary>Width of the frames that can be aligned to it, px.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    public AlignmentOptions Options { get; init; } = new();

    /// <summary>The <see cref="AlignmentResult.Quality"/> below which a frame cannot be aligned, -1 to 1.</summary>
    public required double MinQuality { get; init; }

    /// <summary>The reason why the reference is not valid; null where it is.</summary>
    [JsonIgnore]
    public string? Fault =>
        Width < 1 || Height < 1 ? $"the alignment's frames have {Width}x{Height} pixels"
        : !(MinQuality is >= -1 and <= 1) ? FormattableString.Invariant($"the alignment's quality is to be at least {MinQuality}, want -1 to 1")
        : Options.Fault is { } fault ? $"the alignment's options: {fault}"
        : null;
}
