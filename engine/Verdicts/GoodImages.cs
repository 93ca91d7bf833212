using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>What good images looked like as images: limits beyond which an image is none that could be judged. Part of a bank's description.</summary>
public sealed record GoodImages
{
    /// <summary>Of all of them, px; null where their sizes differ. An image of another size is not looked at: the detector itself says so.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Of <see cref="ImageLook.Brightness"/>.</summary>
    public required double LeastBrightness { get; init; }

    /// <summary>Of <see cref="ImageLook.Saturated"/>.</summary>
    public required double MostSaturated { get; init; }

    /// <summary>Of <see cref="ImageLook.Sharpness"/>.</summary>
    public required double LeastSharpness { get; init; }

    /// <summary>Correlation with <see cref="Mean"/> at the best place; null where good parts are not alike enough to tell.</summary>
    public double? LeastLikeness { get; init; }

    /// <summary>Share of the image's width or height, whichever is more; null as above.</summary>
    public double? MostMoved { get; init; }

    /// <summary>The mean thumbnail, [32, 32] from 0 to 255.</summary>
    public required byte[] Mean { get; init; }

    /// <returns>The first thing that is wrong with the image; null where nothing is.</returns>
    public ImageFault? FaultOf(Image image)
    {
        if (Width is not null && (image.Width, image.Height) != (Width, Height))
            return null;
        var look = ImageLook.Of(image);
        if (look.Brightness < LeastBrightness)
            return new ImageFault(ImageFaultKind.Dark, look.Brightness, LeastBrightness);
        if (look.Saturated > MostSaturated)
            return new ImageFault(ImageFaultKind.BlownOut, look.Saturated, MostSaturated);
        // A part that is not there is not sharp either: this comes first.
        var place = LeastLikeness is null ? default : PartPlace.Find(look.Thumbnail, MeanThumbnail());
        if (place.Likeness < LeastLikeness)
            return new ImageFault(ImageFaultKind.PartAbsent, place.Likeness, LeastLikeness.Value);
        if (look.Sharpness < LeastSharpness)
            return new ImageFault(ImageFaultKind.Blurred, look.Sharpness, LeastSharpness);
        var side = Math.Max(image.Width, image.Height);
        var moved = place.Way / ImageLook.Side;
        return moved > MostMoved ? new ImageFault(ImageFaultKind.PartMoved, moved * side, MostMoved.Value * side) : null;
    }

    private float[] MeanThumbnail() => _mean ??= [.. Mean.Select(v => (float)v)];

    private float[]? _mean;
}
