using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>What good images looked like as images: limits beyond which an image is none that could be judged. Part of a bank's description.</summary>
public sealed record ReferenceStatistics
{
    /// <summary>Of all of them, px; null where their sizes differ. An image of another size is not looked at: the detector itself says so.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Of <see cref="ImageStatistics.Brightness"/>.</summary>
    public required double LeastBrightness { get; init; }

    /// <summary>Of <see cref="ImageStatistics.Saturated"/>.</summary>
    public required double MostSaturated { get; init; }

    /// <summary>Of <see cref="ImageStatistics.Sharpness"/>.</summary>
    public required double LeastSharpness { get; init; }

    /// <summary>Correlation with <see cref="Mean"/> at the best place; null where good parts are not alike enough to tell.</summary>
    public double? LeastLikeness { get; init; }

    /// <summary>Share of the image's width or height, whichever is more; null as above.</summary>
    public double? MostMoved { get; init; }

    /// <summary>The mean thumbnail, [32, 32] from 0 to 255.</summary>
    public required byte[] Mean { get; init; }

    /// <summary>To tell drift; null in banks of earlier agents.</summary>
    public ReferenceAppearance? Usual { get; init; }

    /// <summary>Why a description that was read cannot be measured against; null where it can.</summary>
    internal string? Fault => Mean.Length == ImageStatistics.Side * ImageStatistics.Side && (Usual?.IsWhole ?? true)
        ? null
        : $"good_images: want thumbnails of {ImageStatistics.Side * ImageStatistics.Side} bytes and spreads above 0";

    /// <returns>The first thing that is wrong with the image; null where nothing is.</returns>
    public ImageFault? FaultOf(Image image) => Read(image).Fault;

    public ImageReading Read(Image image)
    {
        if (Width is not null && (image.Width, image.Height) != (Width, Height))
            return default;
        var look = ImageStatistics.Of(image);
        PartPlace? place = LeastLikeness is null ? null : PartPlace.Find(look.Thumbnail, MeanThumbnail());
        var fault = FaultOf(look, place, Math.Max(image.Width, image.Height));
        // A dark or blurred part has drifted far; an empty belt is no part.
        return new ImageReading(fault, fault?.Kind == ImageFaultKind.PartAbsent ? null : Usual?.DriftOf(look, place));
    }

    private ImageFault? FaultOf(ImageStatistics look, PartPlace? place, int side)
    {
        if (look.Brightness < LeastBrightness)
            return new ImageFault(ImageFaultKind.Dark, look.Brightness, LeastBrightness);
        if (look.Saturated > MostSaturated)
            return new ImageFault(ImageFaultKind.BlownOut, look.Saturated, MostSaturated);
        // A part that is not there is not sharp either: this comes first.
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
