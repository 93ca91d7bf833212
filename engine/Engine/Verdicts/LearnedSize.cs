using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>The size of the images that a detector was learned from.</summary>
/// <param name="Model">The id of the bank or model.</param>
/// <param name="Width">Width of the first image, px.</param>
/// <param name="IsMixed">True where images may differ in size.</param>
/// <param name="MaxPixels">Width times height of the largest image; null in models of mixed sizes of earlier agents.</param>
public sealed record LearnedSize(string Model, int Width, int Height, bool IsMixed, long? MaxPixels)
{
    // The largest image learned is seldom the largest one there is.
    private const double MixedFactor = 2;

    /// <summary>
    /// The limits of the images to judge: a detector of one size needs no larger ones, and one of mixed sizes those of twice the pixels of the largest image
    /// learned; at least 1 megapixel.
    /// </summary>
    public ImageLimits Limits => IsMixed
        ? MaxPixels is { } max ? ImageLimits.UpTo(MixedFactor * max / 1e6, FormattableString.Invariant($"'{Model}' learned images of up to {max / 1e6:0.###} megapixels")) : ImageLimits.Default
        : ImageLimits.UpTo((double)Width * Height / 1e6, $"'{Model}' learned images of {Width}×{Height} pixels");
}
