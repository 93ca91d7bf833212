using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Reporting;

/// <summary>Makes a picture small enough for the broker: a coarse heatmap tells more than none.</summary>
public static class PictureFit
{
    /// <summary>The user property that tells of it: a side of the picture over that of the frame, "0.5".</summary>
    public const string Property = "scale";

    // Below this nothing is to be seen; such a message is sent as it is, and refused.
    private const int LeastSide = 16;

    /// <param name="picture">A message with an image file; any other comes back as it is.</param>
    /// <param name="maximumPacketBytes">What the broker takes.</param>
    /// <returns>The same where it fits; otherwise scaled down in the same format, with the scale as <see cref="Property"/>.</returns>
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
            // Bytes go with the area, roughly; somewhat less than that would give, so that few rounds are needed.
            scale *= 0.9 * Math.Sqrt(Math.Min(1, (double)maximumPacketBytes / fitted.PacketBytes));
            var (width, height) = ((int)(whole.Width * scale), (int)(whole.Height * scale));
            if (Math.Min(width, height) < LeastSide)
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
