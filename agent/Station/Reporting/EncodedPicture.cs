using MrfAd.Engine.Images;

namespace MrfAd.Station.Reporting;

/// <summary>A picture as it is published or kept.</summary>
/// <param name="ContentType">"image/jpeg" or "image/png".</param>
public readonly record struct EncodedPicture(byte[] Bytes, string ContentType)
{
    /// <summary>".jpg" or ".png".</summary>
    public string Extension => ContentType == "image/png" ? ".png" : ".jpg";

    /// <summary>Encodes an image in the format that is wanted; one of 16 bits becomes PNG, which JPEG cannot hold.</summary>
    public static EncodedPicture Encode(Image image, ImageFormat format) =>
        format == ImageFormat.Jpeg && image.Depth == PixelDepth.Eight
            ? new(ImageCodec.Encode(image, ImageFormat.Jpeg), "image/jpeg")
            : new(ImageCodec.Encode(image, ImageFormat.Png), "image/png");
}
