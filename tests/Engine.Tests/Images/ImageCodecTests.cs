using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

/// <summary>The contract of decoding, encoding and resizing by OpenCV.</summary>
public sealed class ImageCodecTests
{
    [Theory]
    [InlineData(1, PixelDepth.Eight)]
    [InlineData(3, PixelDepth.Eight)]
    [InlineData(1, PixelDepth.Sixteen)]
    [InlineData(3, PixelDepth.Sixteen)]
    public void A_PNG_gives_back_the_samples_that_went_in(int channels, PixelDepth depth)
    {
        using var image = Noise(37, 21, channels, depth);
        using var back = ImageCodec.Decode(ImageCodec.Encode(image, ImageFormat.Png), "x");
        Assert.Equal((37, 21, channels, depth), (back.Width, back.Height, back.Channels, back.Depth));
        Assert.Equal(image.Bytes.ToArray(), back.Bytes.ToArray());
    }

    [Fact]
    public void Channels_are_in_RGB_order()
    {
        // A PNG of one red pixel, made by hand by another program.
        var red = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC");
        using var image = ImageCodec.Decode(red, "red.png");
        Assert.Equal([255, 0, 0], image.Bytes.ToArray());
    }

    [Fact]
    public void A_JPEG_is_nearly_the_image()
    {
        using var image = new Image(64, 64, 3);
        for (var i = 0; i < 64 * 64; i++)
            (image.Bytes[3 * i], image.Bytes[(3 * i) + 1], image.Bytes[(3 * i) + 2]) = ((byte)(i % 64 * 4), (byte)(i / 64 * 4), 128);
        using var back = ImageCodec.Decode(ImageCodec.Encode(image, ImageFormat.Jpeg, 95), "x");
        var (a, b) = (image.Bytes.ToArray(), back.Bytes.ToArray());
        Assert.InRange(a.Zip(b, (x, y) => Math.Abs(x - y)).Average(), 0, 3);
    }

    [Fact]
    public void A_cut_off_JPEG_is_refused_and_not_filled_with_grey()
    {
        using var image = Noise(64, 64, 3, PixelDepth.Eight);
        var jpeg = ImageCodec.Encode(image, ImageFormat.Jpeg);
        Assert.Contains("cut off", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(jpeg.AsSpan(0, jpeg.Length * 2 / 3), "x.jpg")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(500)]
    public void A_cut_off_PNG_is_refused_by_name(int keep)
    {
        using var image = Noise(64, 64, 3, PixelDepth.Eight);
        var png = ImageCodec.Encode(image, ImageFormat.Png);
        Assert.StartsWith("x.png: ", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(png.AsSpan(0, keep), "x.png")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IDAT", -4, "chunk 'IDAT' at byte 33 claims 4294967295 bytes")] // its length
    [InlineData("IHDR", 4, "more than its")] // the width
    [InlineData("IHDR", 8, "more than its")] // the height
    public void A_PNG_that_claims_more_than_it_holds_is_refused_before_memory_is_asked_for(string chunk, int at, string reason)
    {
        using var image = Noise(5, 4, 1, PixelDepth.Eight);
        var png = ImageCodec.Encode(image, ImageFormat.Png);
        png.AsSpan(png.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(chunk)) + at, 4).Fill(0xff);
        var limits = new ImageLimits(MaxMegapixels: 1e9);

        Assert.Contains(reason, Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(png, "x.png", limits)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_JPEG_that_claims_more_than_it_holds_is_refused_before_memory_is_asked_for()
    {
        using var image = Noise(5, 4, 3, PixelDepth.Eight);
        var jpeg = ImageCodec.Encode(image, ImageFormat.Jpeg);
        var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (jpeg[frame + 5], jpeg[frame + 7]) = (0x75, 0x75); // height and width become some 30,000

        Assert.Contains("more than its", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(jpeg, "x.jpg", new ImageLimits(MaxMegapixels: 1000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_JPEG_of_one_grey_is_not_taken_for_damaged()
    {
        using var image = new Image(2000, 1500, 1);
        using var back = ImageCodec.Decode(ImageCodec.Encode(image, ImageFormat.Jpeg, quality: 1), "x.jpg");
        Assert.Equal((2000, 1500), (back.Width, back.Height));
    }

    [Fact]
    public void What_follows_the_end_of_a_PNG_does_not_matter()
    {
        using var image = Noise(5, 4, 3, PixelDepth.Eight);
        using var back = ImageCodec.Decode([.. ImageCodec.Encode(image, ImageFormat.Png), 1, 2, 3], "x.png");
        Assert.Equal(image.Bytes, back.Bytes);
    }

    [Fact]
    public void Shrinking_averages_the_area()
    {
        using var image = new Image(4, 2, 1);
        new byte[] { 0, 100, 10, 20, 50, 50, 30, 40 }.CopyTo(image.Bytes);
        using var half = ImageResize.Resize(image, 2, 1);
        Assert.Equal([50, 25], half.Bytes.ToArray());
    }

    [Fact]
    public void Sixteen_bits_stay_sixteen_bits_when_resized()
    {
        using var image = new Image(2, 2, 1, PixelDepth.Sixteen);
        new ushort[] { 1000, 3000, 40000, 60000 }.CopyTo(image.Samples16);
        using var one = ImageResize.Resize(image, 1, 1);
        Assert.Equal(26000, one.Samples16[0]);
    }

    [Fact]
    public void Enlarging_interpolates_between_centres()
    {
        using var image = new Image(2, 1, 1);
        new byte[] { 0, 100 }.CopyTo(image.Bytes);
        using var four = ImageResize.Resize(image, 4, 1);
        Assert.Equal([0, 25, 75, 100], four.Bytes.ToArray());
    }

    [Fact]
    public void Frames_of_a_video_come_in_order_and_end()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 5; i++)
        {
            using var frame = new Image(64, 48, 3);
            frame.Bytes.Fill((byte)(40 * (i + 1)));
            File.WriteAllBytes(folder.File($"{i}.png"), ImageCodec.Encode(frame, ImageFormat.Png));
        }

        using var video = VideoReader.Open(folder.File("%d.png"));
        var levels = new List<int>();
        while (video.Read() is { } frame)
        {
            using (frame)
                levels.Add(frame.Bytes[0]);
        }

        Assert.Equal([40, 80, 120, 160, 200], levels);
    }

    [Fact]
    public void A_video_that_cannot_be_opened_is_named()
    {
        Assert.Contains("/nowhere.mp4", Assert.Throws<VideoException>(() => VideoReader.Open("/nowhere.mp4")).Message, StringComparison.Ordinal);
    }

    private static Image Noise(int width, int height, int channels, PixelDepth depth)
    {
        var image = new Image(width, height, channels, depth);
        new Random(1).NextBytes(image.Bytes);
        return image;
    }
}
