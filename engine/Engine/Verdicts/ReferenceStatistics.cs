using System.Text.Json.Serialization;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>Limits learned from good images, beyond which an image is unfit for inspection. Stored in a bank's description.</summary>
public sealed record ReferenceStatistics
{
    /// <summary>Width of the good images, px; null where their sizes differ. An image of another size is not checked here, since the detector itself refuses it.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Minimum of <see cref="ImageStatistics.Brightness"/>, 0 to 1.</summary>
    [JsonPropertyName("least_brightness")]
    public required double MinBrightness { get; init; }

    /// <summary>Maximum of <see cref="ImageStatistics.Saturated"/>, 0 to 1.</summary>
    [JsonPropertyName("most_saturated")]
    public required double MaxSaturated { get; init; }

    /// <summary>Minimum of <see cref="ImageStatistics.Sharpness"/>.</summary>
    [JsonPropertyName("least_sharpness")]
    public required double MinSharpness { get; init; }

    /// <summary>Minimum correlation with <see cref="Mean"/> at the best shift, -1 to 1; null where good parts are not similar enough to be located.</summary>
    [JsonPropertyName("least_likeness")]
    public double? MinCorrelation { get; init; }

    /// <summary>Maximum shift of the part, as a share of the image's side; null where good parts are not similar enough to be located.</summary>
    [JsonPropertyName("most_moved")]
    public double? MaxShift { get; init; }

    /// <summary>The mean thumbnail, [32, 32] from 0 to 255.</summary>
    public required byte[] Mean { get; init; }

    /// <summary>The typical appearance, from which drift is measured; null in banks of earlier agents.</summary>
    [JsonPropertyName("usual")]
    public ReferenceAppearance? Appearance { get; init; }

    /// <summary>The reason why a description that was read is not valid; null where it is valid.</summary>
    internal string? Fault => Mean.Length == ImageStatistics.Side * ImageStatistics.Side && (Appearance?.IsWhole ?? true)
        ? null
        : $"good_images: want thumbnails of {ImageStatistics.Side * ImageStatistics.Side} bytes and spreads above 0";

    /// <returns>The first fault of the image; null where there is none.</returns>
    public ImageFault? FaultOf(Image image) => Read(image).Fault;

    /// <returns>The correlation of the image with the good parts at the best shift, -1 to 1; null where that says nothing: the good parts differ too much, or the image has another size.</returns>
    /// <param name="measured">The statistics of the same image, <see cref="ImageStatistics.Of"/>.</param>
    public double? LikenessOf(Image image, ImageStatistics measured) =>
        MinCorrelation is null || (Width is not null && (image.Width, image.Height) != (Width, Height)) ? null : PartPlace.Find(measured.Thumbnail, MeanThumbnail()).Correlation;

    public ImageReading Read(Image image)
    {
        if (Width is not null && (image.Width, image.Height) != (Width, Height))
            return default;
        var measured = ImageStatistics.Of(image);
        PartPlace? place = MinCorrelation is null ? null : PartPlace.Find(measured.Thumbnail, MeanThumbnail());
        var fault = FaultOf(measured, place, Math.Max(image.Width, image.Height));
        // Drift is measured on a dark or blurred part, too, but not on an empty belt.
        return new ImageReading(fault, fault?.Kind == ImageFaultKind.PartAbsent ? null : Appearance?.DriftOf(measured, place));
    }

    /// <returns>The drift of an image with that of the part's position, which alignment has found; as it is where no positions were learned.</returns>
    public ImageDrift Located(ImageDrift drift, AlignmentResult alignment) => Appearance is { X: { } x, Y: { } y } && Width is { } width && Height is { } height
        ? drift with { X = x.Sigmas(alignment.Dx / width), Y = y.Sigmas(alignment.Dy / height) }
        : drift;

    private ImageFault? FaultOf(ImageStatistics measured, PartPlace? place, int side)
    {
        if (measured.Brightness < MinBrightness)
            return new ImageFault(ImageFaultKind.Dark, measured.Brightness, MinBrightness);
        if (measured.Saturated > MaxSaturated)
            return new ImageFault(ImageFaultKind.BlownOut, measured.Saturated, MaxSaturated);
        // Checked before sharpness, because an image without a part is not sharp either.
        if (place?.Correlation < MinCorrelation)
            return new ImageFault(ImageFaultKind.PartAbsent, place.Value.Correlation, MinCorrelation.Value);
        if (measured.Sharpness < MinSharpness)
            return new ImageFault(ImageFaultKind.Blurred, measured.Sharpness, MinSharpness);
        var shift = place?.Distance / ImageStatistics.Side;
        return shift > MaxShift ? new ImageFault(ImageFaultKind.PartMoved, shift.Value * side, MaxShift.Value * side) : null;
    }

    private float[] MeanThumbnail() => _mean ??= [.. Mean.Select(v => (float)v)];

    private float[]? _mean;
}
