using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>The largest image that is decoded. What is not set follows from the size of the images that the camera's detector was learned from.</summary>
public sealed record ImageOptions
{
    /// <summary>The maximum width times height, in millions of pixels.</summary>
    public double? MaxMegapixels { get; init; }

    /// <summary>The maximum size of an image file, and of its pixels in memory, in MB.</summary>
    public double? MaxMb { get; init; }

    /// <param name="known">The limits that follow from what is known about the images.</param>
    /// <returns>The limits in force: those that are set go before those that are known.</returns>
    public ImageLimits Over(ImageLimits known) => this switch
    {
        { MaxMegapixels: { } megapixels } => new ImageLimits(megapixels, MaxMb, "images.max_megapixels"),
        { MaxMb: { } mb } => known with { MaxMegabytes = mb },
        _ => known,
    };
}
