using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>Limits learned from good images, beyond which an image is unfit for inspection. Stored in a bank's description.</summary>
public sealed record ReferenceStatistics
{
    /// <summary>Width of the good images, px; null where their sizes differ. An image of another size is not checked here, since the detector itself refuses it.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Minimum of <see cref="ImageStatistics.Brightness"/>, 0 to 1.</summary>
    public required double LeastBrightness { get; init; }

    /// <summary>Maximum of <see cref="ImageStatistics.Saturated"/>, 0 to 1.</summary>
    public required double MostSaturated { get; init; }

    /// <summary>Minimum of <see cref="ImageStatistics.Sharpness"/>.</summary>
    public required double LeastSharpness { get; init; }

    /// <summary>Minimum correlation with <see cref="Mean"/> at the best shift, -1 to 1; null where good parts are not similar enough to be located.</summary>
    public double? LeastLikeness { get; init; }

    /// <summary>Maximum shift of the part, as a share of the image's side; null where good parts are not similar enough to be located.</summary>
    public double? MostMoved { get; init; }

    /// <summary>The mean thumbnail, [32, 32] from 0 to 255.</summary>
    public required byte[] Mean { get; init; }

    /// <summary>The typical appearance, from which drift is measured; null in banks of earlier agents.</summary>
    public ReferenceAppearance? Usual { get; init; }

    /// <summary>The reason why a description that was read is not valid; null where it is valid.</summary>
    internal string? Fault => Mean.Length == ImageStatistics.Side * ImageStatistics.Side && (Usual?.IsWhole ?? true)
        ? null
        : $"good_images: want thumbnails of {ImageStatistics.Side * ImageStatistics.Side} bytes and spreads above 0";

    /// <returns>The first fault of the image; null where there is none.</returns>
    public ImageFault? FaultOf(Image image) => Read(image).Fault;

    public ImageReading Read(Image image)
    {
        if (Width is not null && (image.Width, image.Height) != (Width, Height))
            return default;
        var look = ImageStatistics.Of(image);
        PartPlace? place = LeastLikeness is null ? null : PartPlace.Find(look.Thumbnail, MeanThumbnail());
        var fault = FaultOf(look, place, Math.Max(image.Width, image.Height));
        // Drift is measured on a dark or blurred part, too, but not on an empty belt.
        return new ImageReading(fault, fault?.Kind == ImageFaultKind.PartAbsent ? null : Usual?.DriftOf(look, place));
    }

    private ImageFault? FaultOf(ImageStatistics look, PartPlace? place, int side)
    {
        if (look.Brightness < LeastBrightness)
            return new ImageFault(ImageFaultKind.Dark, look.Brightness, LeastBrightness);
        if (look.Saturated > MostSaturated)
            return new ImageFault(ImageFaultKind.BlownOut, look.Saturated, MostSaturated);
        // Checked before sharpness, because an image without a part is not sharp either.
        if (place?.Likeness < LeastLikeness)
            return new ImageFault(ImageFaultKind.PartAbsent, place.Value.Likeness, LeastLikeness.Value);
        if (look.Sharpness < LeastSharpness)
            return new ImageFault(ImageFaultKind.Blurred, look.Sharpness, LeastSharpness);
        var moved = place?.Way / ImageStatistics.Side;
        return moved > MostMoved ? new ImageFault(ImageFaultKind.PartMoved, moved.Value * side, MostMoved.Value * side) : null;
    }

    private float[] MeanThumbnail() => _mean ??= [.. Mean.Select(v => (float)v)];

    private float[]? _mean;
}
