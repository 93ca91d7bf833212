using MrfAd.Engine.Images;

namespace MrfAd.Station.Reporting;

/// <summary>An encoded picture, as it is published or stored.</summary>
/// <param name="ContentType">The media type, "image/jpeg" or "image/png".</param>
public readonly record struct EncodedPicture(byte[] Bytes, string ContentType)
{
    /// <summary>The file name extension, ".jpg" or ".png".</summary>
    public string Extension => ContentType == "image/png" ? ".png" : ".jpg";

    /// <summary>Encodes an image in the given format; one of 16 bits always becomes PNG, as JPEG cannot hold it.</summary>
    public static EncodedPicture Encode(Image image, ImageFormat format) =>
        format == ImageFormat.Jpeg && image.Depth == PixelDepth.Eight
            ? new(ImageCodec.Encode(image, ImageFormat.Jpeg), "image/jpeg")
            : new(ImageCodec.Encode(image, ImageFormat.Png), "image/png");
}
