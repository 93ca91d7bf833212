using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>Decodes PNG, JPEG, BMP, TIFF and WebP images, and encodes PNG and JPEG.</summary>
public static class ImageCodec
{
    // The header stands within these first bytes in nearly all files, behind a thumbnail and a colour profile.
    private const int HeaderBytes = 128 * 1024;

    /// <summary>Endings of the files that a folder of images is searched for, in lower case.</summary>
    public static IReadOnlySet<string> Extensions { get; } =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff" };

    /// <summary>The version of OpenCV, which decodes, encodes and resizes.</summary>
    public static string LibraryVersion => OpenCv.Version;

    /// <param name="encoded">A whole PNG, JPEG, BMP, TIFF or WebP file. Of several images in one file the first counts.</param>
    /// <param name="name">The name of the image in error messages.</param>
    /// <param name="limits">The largest image that is decoded; <see cref="ImageLimits.Default"/> where none is given.</param>
    /// <returns>The image: black is 0 and white the largest value, whatever the file says about its samples.</returns>
    /// <exception cref="ImageFormatException">The image is damaged, cut off, animated, larger than <paramref name="limits"/>, or of a depth other than 8 or 16 bit unsigned.</exception>
    public static Image Decode(ReadOnlySpan<byte> encoded, string name, ImageLimits? limits = null)
    {
        var header = Check(encoded, name, limits ?? ImageLimits.Default);
        var image = OpenCv.Decode(WithoutMetadata(encoded), name);
        try
        {
            // An orientation in the file turns the image.
            if ((image.Width, image.Height) != (header.Width, header.Height) && (image.Height, image.Width) != (header.Width, header.Height))
                throw new ImageFormatException($"{name}: {header.Format} is damaged: its header claims {header.Width}×{header.Height} pixels, it holds {image.Width}×{image.Height}");
            if (image.Depth == PixelDepth.Sixteen)
                Scale(image.Samples16, encoded, name);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Decode"/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Image Read(string path, ImageLimits? limits = null) => Decode(ReadFile(path, limits), path, limits);

    /// <summary>Reads a picture that marks pixels, with its transparency.</summary>
    /// <inheritdoc cref="Read"/>
    public static MaskImage ReadMask(string path, ImageLimits? limits = null)
    {
        var encoded = ReadFile(path, limits);
        Decode(encoded, path, limits).Dispose();
        var mask = OpenCv.DecodeMask(WithoutMetadata(encoded), path) with { IsLossy = JpegFrame.IsJpeg(encoded) };
        // OpenCV exchanges black and white of 8 bits by itself.
        if (TiffDirectory.IsTiff(encoded) && TiffDirectory.ReadFirst(encoded) is { Bits: > 8, PhotometricInterpretation: 0 })
            throw new ImageFormatException($"{path}: a mask of more than 8 bits in which 0 means white: want 8 bits, or black as 0");
        return mask;
    }

    /// <summary>Reads the size that an image file claims, without decoding it.</summary>
    /// <returns>Null where the file cannot be read, or is no image.</returns>
    public static (long Width, long Height)? Size(string path)
    {
        try
        {
            using var file = UserFiles.OpenRead(path);
            var start = new byte[Math.Min(HeaderBytes, file.CanSeek ? file.Length : 0)];
            var header = ImageHeader.Read(start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
            // The directory of a TIFF file may stand at its end.
            header ??= start.Length == HeaderBytes ? ImageHeader.Read(ReadFile(path, ImageLimits.Default)) : null;
            return header is { } size ? (size.Width, size.Height) : null;
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            return null;
        }
    }

    /// <param name="image">8 or 16 bit (JPEG: 8 bit).</param>
    /// <param name="format">The format of the returned bytes.</param>
    /// <param name="quality">The quality of a JPEG image, 1 to 100.</param>
    public static byte[] Encode(Image image, ImageFormat format, int quality = 90) =>
        OpenCv.Encode(image, format == ImageFormat.Png ? ".png" : ".jpg", quality);

    /// <summary>Checks all that the decoder would trust.</summary>
    private static ImageHeader Check(ReadOnlySpan<byte> encoded, string name, ImageLimits limits)
    {
        if (encoded.IsEmpty)
            throw new ImageFormatException($"{name}: the file is empty");
        var header = limits.Check(encoded, name);
        if (JpegFrame.IsJpeg(encoded))
        {
            JpegFrame.Check(encoded, name);
            JpegScans.Check(encoded, name);
        }

        if (PngChunks.IsPng(encoded))
            PngChunks.Check(encoded, name);
        if (WebPContainer.IsWebP(encoded))
            WebPContainer.Check(encoded, name);
        if (TiffDirectory.IsTiff(encoded))
            TiffDirectory.ReadFirst(encoded).Check(name);
        return header;
    }

    private static ReadOnlySpan<byte> WithoutMetadata(ReadOnlySpan<byte> encoded) => PngChunks.IsPng(encoded) ? PngChunks.WithoutMetadata(encoded) : encoded;

    /// <summary>Brings samples of 16 bits to the full range by what the file says about them.</summary>
    private static void Scale(Span<ushort> samples, ReadOnlySpan<byte> encoded, string name)
    {
        if (PngChunks.IsPng(encoded))
        {
            // By the specification samples are scaled and sBIT tells how many bits they had; some camera programs write them as they are.
            if (PngChunks.SignificantBits(encoded) is >= 8 and < 16 and var bits && SampleScale.HasFineValues(samples, bits))
                SampleScale.TryStretch(samples, bits);
        }
        else if (TiffDirectory.IsTiff(encoded))
        {
            TiffDirectory.ReadFirst(encoded).Scale(samples, name);
        }
    }

    /// <exception cref="ImageFormatException">The file is larger than is read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    private static byte[] ReadFile(string path, ImageLimits? limits)
    {
        using var file = UserFiles.OpenRead(path);
        if (!file.CanSeek)
            throw new IOException($"{path}: want a file, got a pipe or a device");
        (limits ?? ImageLimits.Default).CheckLength(file.Length, path);
        var bytes = new byte[file.Length];
        // A file that is being written may have become shorter.
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
