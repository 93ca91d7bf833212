using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;

namespace MrfAd.Station.Tests.Reporting;

public sealed class PictureFitTests
{
    [Theory]
    [InlineData(ImageFormat.Png, "image/png")]
    [InlineData(ImageFormat.Jpeg, "image/jpeg")]
    public void A_picture_too_large_for_the_broker_is_scaled_down_until_it_fits_and_says_so(ImageFormat format, string type)
    {
        var picture = Picture(Noise(300, 200, format), type);

        var fitted = PictureFit.To(picture, 20_000);

        Assert.InRange(fitted.PacketBytes, 5_000, 20_000);
        using var small = ImageCodec.Decode(fitted.Payload.Span, "small");
        var scale = double.Parse(fitted.UserProperties.Single(p => p.Key == "scale").Value, CultureInfo.InvariantCulture);
        Assert.InRange(small.Width, (300 * scale) - 1, (300 * scale) + 1);
        Assert.InRange(small.Height, (200 * scale) - 1, (200 * scale) + 1);
        Assert.Equal(picture.UserProperties, fitted.UserProperties.Where(p => p.Key != "scale"));
        Assert.Equal(picture.ContentType, fitted.ContentType);
    }

    [Fact]
    public void What_fits_or_is_no_picture_or_would_become_a_stamp_stays_as_it_is()
    {
        var picture = Picture(Noise(30, 20, ImageFormat.Png), "image/png");
        var verdict = Picture(new byte[500], "application/json");

        Assert.Same(picture, PictureFit.To(picture, picture.PacketBytes));
        Assert.Same(picture, PictureFit.To(picture, 300));
        Assert.Same(verdict, PictureFit.To(verdict, 100));
    }

    private static MqttMessage Picture(byte[] bytes, string type) => new("top/heatmap", bytes) { ContentType = type, UserProperties = [new("id", "7")] };

    private static byte[] Noise(int width, int height, ImageFormat format)
    {
        using var image = new Image(width, height, 3);
        new Random(1).NextBytes(image.Bytes);
        return ImageCodec.Encode(image, format);
    }
}
