using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>The largest image that is read. A small file can claim gigabytes of pixels, so the length of the file and its header are checked before it is decoded.</summary>
/// <param name="MaxMegapixels">Width times height, in millions of pixels. A colour image of 8 bits takes three bytes a pixel in memory, one of 16 bits six.</param>
/// <param name="MaxMegabytes">The size of the file, and of its samples in memory, in millions of bytes; with null it follows from <paramref name="MaxMegapixels"/>.</param>
/// <param name="Reason">The reason for these limits, which error messages give; null where there is none.</param>
public sealed record ImageLimits(double MaxMegapixels = 256, double? MaxMegabytes = null, string? Reason = null)
{
    // Four channels of 16 bits, uncompressed: no image file needs more for its pixels. One megabyte more is for what a file says beside them.
    private const double MaxBytesPerPixel = 8, MaxMetadataMegabytes = 1;

    // Up to this size every image is decoded: one of another size than wanted is refused as that. In the file, the decoder and memory it takes 20 MB at most.
    private const double MinMegapixels = 1;

    /// <summary>The limits where nothing is known about the images: 256 megapixels.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The limits where the size of the images is known: no larger ones are needed, but 1 megapixel is allowed.</summary>
    /// <param name="megapixels">Width times height of the largest image, in millions of pixels.</param>
    /// <param name="reason">How the size is known, for error messages.</param>
    public static ImageLimits UpTo(double megapixels, string reason) => new(Math.Max(MinMegapixels, megapixels), Reason: reason);

    /// <summary>The maximum size of a file in bytes.</summary>
    public long MaxFileBytes => (long)Math.Min(1e6 * (MaxMegabytes ?? ((MaxBytesPerPixel * MaxMegapixels) + MaxMetadataMegabytes)), Array.MaxLength);

    /// <exception cref="ImageFormatException">A file of this length is not read.</exception>
    internal void CheckLength(long bytes, string name)
    {
        if (bytes > MaxFileBytes)
            throw Exceeded($"{name}: the file is too large", MaxFileBytes / 1e6, "MB", bytes / 1e6);
    }

    /// <summary>Checks the file and what its header claims.</summary>
    /// <returns>The header.</returns>
    /// <exception cref="ImageFormatException">The file is too large, its header claims more than is taken, or it has no header that could be read.</exception>
    internal ImageHeader Check(ReadOnlySpan<byte> encoded, string name)
    {
        CheckLength(encoded.Length, name);
        var header = ImageHeader.Read(encoded) ?? throw new ImageFormatException($"{name}: not a PNG, JPEG, BMP, TIFF or WebP image, or one whose header is damaged{Kind(encoded)}");
        Check(header.Width, header.Height, header.BytesPerPixel, $"{name}: {header.Format}");
        return header;
    }

    private static string Kind(ReadOnlySpan<byte> encoded) =>
        FileKind.Describe(encoded) is { } kind and not FileKind.Picture ? $"; it is {kind}" : "";

    /// <summary>Checks an image that a camera or a decoder has delivered.</summary>
    /// <exception cref="ImageFormatException">It is larger than is taken.</exception>
    public void Check(Image image, string name) => Check(image.Width, image.Height, image.Channels * (int)image.Depth, $"{name}: an image");

    /// <param name="subject">The beginning of the sentence: the name of the image and of its format.</param>
    /// <exception cref="ImageFormatException">It is larger than is taken.</exception>
    internal void Check(long width, long height, int bytesPerPixel, string subject)
    {
        var megapixels = width * (double)height / 1e6;
        if (megapixels > MaxMegapixels)
            throw Exceeded($"{subject} of {width}×{height} pixels", MaxMegapixels, "megapixels", megapixels);
        if (MaxMegabytes is { } max && megapixels * bytesPerPixel > max)
            throw Exceeded($"{subject} of {width}×{height} pixels of {bytesPerPixel} bytes", max, "MB", megapixels * bytesPerPixel);
    }

    private ImageFormatException Exceeded(string what, double max, string unit, double got) =>
        new(FormattableString.Invariant($"{what}: want at most {max:0.######} {unit}, got {got:0.######}{(Reason is null ? "" : $" ({Reason})")}"));
}
