using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>Decodes and encodes images as PNG, JPEG, BMP and TIFF.</summary>
public static class ImageCodec
{
    /// <summary>Endings of the files that a folder of images is searched for, in lower case.</summary>
    public static IReadOnlySet<string> Extensions { get; } =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff" };

    /// <summary>The version of OpenCV, which decodes, encodes and resizes.</summary>
    public static string LibraryVersion => OpenCv.Version;

    /// <param name="encoded">A whole PNG, JPEG, BMP or TIFF file.</param>
    /// <param name="name">The name of the image in error messages.</param>
    /// <param name="limits">The largest image that is decoded; <see cref="ImageLimits.Default"/> where none is given.</param>
    /// <exception cref="ImageFormatException">The image is damaged, cut off, larger than <paramref name="limits"/>, or of a depth other than 8 or 16 bit unsigned.</exception>
    public static Image Decode(ReadOnlySpan<byte> encoded, string name, ImageLimits? limits = null)
    {
        if (encoded.IsEmpty)
            throw new ImageFormatException($"{name}: the file is empty");
        (limits ?? ImageLimits.Default).Check(encoded, name);
        if (JpegFrame.IsJpeg(encoded))
        {
            if (!HasJpegEnd(encoded))
                throw new ImageFormatException($"{name}: JPEG is cut off after {encoded.Length} bytes (no end marker)");
            JpegFrame.Check(encoded, name);
        }

        if (PngChunks.IsPng(encoded))
            PngChunks.Check(encoded, name);
        return OpenCv.Decode(encoded, name);
    }

    /// <exception cref="ImageFormatException">The image is damaged, cut off, or of a depth other than 8 or 16 bit unsigned.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Image Read(string path) => Decode(UserFiles.ReadBytes(path), path);

    /// <summary>Reads a picture that marks pixels, with its transparency.</summary>
    /// <exception cref="ImageFormatException">The image is damaged, cut off, or of a depth other than 8 or 16 bit unsigned.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MaskImage ReadMask(string path)
    {
        var encoded = UserFiles.ReadBytes(path);
        Decode(encoded, path).Dispose();
        return OpenCv.DecodeMask(encoded, path) with { IsLossy = JpegFrame.IsJpeg(encoded) };
    }

    /// <param name="image">8 or 16 bit (JPEG: 8 bit).</param>
    /// <param name="format">The format of the returned bytes.</param>
    /// <param name="quality">The quality of a JPEG image, 1 to 100.</param>
    public static byte[] Encode(Image image, ImageFormat format, int quality = 90) =>
        OpenCv.Encode(image, format == ImageFormat.Png ? ".png" : ".jpg", quality);

    // libjpeg fills the missing part of a cut-off image with grey and only warns; an inspection must not judge grey.
    private static bool HasJpegEnd(ReadOnlySpan<byte> jpeg) => jpeg[(jpeg.Length / 2)..].LastIndexOf([(byte)0xFF, (byte)0xD9]) >= 0;
}
