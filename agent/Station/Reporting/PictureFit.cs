using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Reporting;

/// <summary>Scales a picture down to the packet size of the broker, since a coarse heatmap is better than none.</summary>
public static class PictureFit
{
    /// <summary>The name of the user property with the scale: a side of the picture over that of the frame, for example "0.5".</summary>
    public const string Property = "scale";

    // In pixels. Nothing can be seen on a smaller picture; such a message is sent as it is, and refused.
    private const int MinSide = 16;

    /// <param name="picture">A message whose payload is an image file; any other is returned as it is.</param>
    /// <param name="maximumPacketBytes">The size of the largest packet that the broker accepts, in bytes.</param>
    /// <returns>The same message where it fits; otherwise one with a smaller picture in the same format and the scale as <see cref="Property"/>.</returns>
    public static MqttMessage To(MqttMessage picture, long maximumPacketBytes)
    {
        if (picture.PacketBytes <= maximumPacketBytes || picture.ContentType is not ("image/png" or "image/jpeg"))
            return picture;

        var format = picture.ContentType == "image/png" ? ImageFormat.Png : ImageFormat.Jpeg;
        using var whole = ImageCodec.Decode(picture.Payload.Span, picture.Topic);
        var fitted = picture;
        var scale = 1.0;
        while (fitted.PacketBytes > maximumPacketBytes)
        {
            // The size in bytes is roughly proportional to the area; 0.9 takes off somewhat more, so that few rounds are needed.
            scale *= 0.9 * Math.Sqrt(Math.Min(1, (double)maximumPacketBytes / fitted.PacketBytes));
            var (width, height) = ((int)(whole.Width * scale), (int)(whole.Height * scale));
            if (Math.Min(width, height) < MinSide)
                return picture;
            using var small = ImageResize.Resize(whole, width, height);
            fitted = picture with
            {
                Payload = ImageCodec.Encode(small, format),
                UserProperties = [.. picture.UserProperties, new(Property, scale.ToString("0.###", CultureInfo.InvariantCulture))],
            };
        }

        return fitted;
    }
}
