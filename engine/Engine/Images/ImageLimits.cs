namespace MrfAd.Engine.Images;

/// <summary>The largest image that is decoded. A small file can claim gigabytes of pixels, so the header is asked before.</summary>
/// <param name="MaxMegapixels">Width times height, in millions of pixels. A colour image of 8 bits takes three bytes a pixel in memory, one of 16 bits six.</param>
public sealed record ImageLimits(double MaxMegapixels = 256)
{
    public static ImageLimits Default { get; } = new();

    /// <exception cref="ImageFormatException">The header claims more pixels than are taken, or is none that could be read.</exception>
    internal void Check(ReadOnlySpan<byte> encoded, string name)
    {
        if (ImageHeader.Read(encoded) is not { } header)
            throw new ImageFormatException($"{name}: not a PNG, JPEG, BMP, TIFF or WebP image, or one whose header is damaged");
        var megapixels = header.Width * (double)header.Height / 1e6;
        if (megapixels > MaxMegapixels)
            throw new ImageFormatException(FormattableString.Invariant($"{name}: {header.Format} of {header.Width}×{header.Height} pixels: want at most {MaxMegapixels:0.#} megapixels, got {megapixels:0.#}"));
    }
}
