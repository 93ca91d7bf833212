using System.Buffers.Binary;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

/// <summary>Each header claims 40,000 x 30,000 pixels, 3.6 GB of colour, in a few bytes.</summary>
public sealed class ImageLimitsTests
{
    private const int Width = 40_000, Height = 30_000;

    public static TheoryData<string, byte[]> Bombs => new()
    {
        { "PNG", [0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. Big(13), .. "IHDR"u8, .. Big(Width), .. Big(Height), 8, 2, 0, 0, 0, .. new byte[100]] },
        { "JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 17, 8, .. Big16(Height), .. Big16(Width), 3, .. new byte[20], 0xFF, 0xD9] },
        { "BMP", [.. "BM"u8, .. new byte[12], .. Little(40), .. Little(Width), .. Little(-Height), 1, 0, 24, 0, .. new byte[40]] },
        { "TIFF", [.. "II"u8, 42, 0, .. Little(8), 2, 0, 0, 1, 4, 0, .. Little(1), .. Little(Width), 1, 1, 3, 0, .. Little(1), .. Little(Height), .. new byte[40]] },
        { "TIFF", [.. "MM"u8, 0, 42, .. Big(8), 0, 2, 1, 0, 0, 4, .. Big(1), .. Big(Width), 1, 1, 0, 4, .. Big(1), .. Big(Height), .. new byte[40]] },
        { "TIFF", [.. "II"u8, 43, 0, 8, 0, 0, 0, .. Little(16), .. Little(0), 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16, 0, .. Little(1), .. Little(0), .. Little(Width), .. Little(0), 1, 1, 4, 0, .. Little(1), .. Little(0), .. Little(Height), .. Little(0), .. new byte[40]] },
        { "WebP", [.. "RIFF"u8, .. Little(60), .. "WEBPVP8X"u8, .. Little(10), 0, 0, 0, 0, .. Little(Width - 1)[..3], .. Little(Height - 1)[..3], .. new byte[40]] },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void An_image_of_more_pixels_than_are_taken_is_refused_by_its_header(string format, byte[] file)
    {
        var e = Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file, "bomb"));

        Assert.Equal($"bomb: {format} of 40000×30000 pixels: want at most 256 megapixels, got 1200", e.Message);
    }

    [Fact]
    public void The_largest_sides_of_a_WebP_image_are_read_in_both_of_its_other_forms()
    {
        byte[] lossless = [.. "RIFF"u8, .. Little(60), .. "WEBPVP8L"u8, .. Little(20), 0x2f, .. Little(0x0FFFFFFF), .. new byte[20]];
        byte[] lossy = [.. "RIFF"u8, .. Little(60), .. "WEBPVP8 "u8, .. Little(30), 0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, .. new byte[20]];
        var limits = new ImageLimits(MaxMegapixels: 100);

        Assert.Contains("16384×16384", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(lossless, "x", limits)).Message, StringComparison.Ordinal);
        Assert.Contains("16383×16383", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(lossy, "x", limits)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_file_that_ends_in_its_header_is_refused_at_each_length(string format, byte[] file)
    {
        for (var length = 1; length < file.Length; length++)
            Assert.StartsWith(format, $"{format}: {Assert.ThrowsAny<ImageFormatException>(() => ImageCodec.Decode(file.AsSpan(0, length), "cut").Dispose()).Message}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    public void An_image_within_the_limits_is_decoded_and_one_beyond_is_not(ImageFormat format)
    {
        using var image = TestPart.Make(1, width: 64, height: 48);
        var file = ImageCodec.Encode(image, format);

        using var decoded = ImageCodec.Decode(file, "part", new ImageLimits(64 * 48 / 1e6));
        Assert.Equal((64, 48), (decoded.Width, decoded.Height));
        Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file, "part", new ImageLimits(63 * 48 / 1e6)));
    }

    [Fact]
    public void A_lossless_WebP_image_is_decoded()
    {
        using var image = ImageCodec.Decode(Convert.FromBase64String("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="), "dot.webp");

        Assert.Equal((1, 1), (image.Width, image.Height));
    }

    private static byte[] Big(int value) => Written(4, b => BinaryPrimitives.WriteInt32BigEndian(b, value));

    private static byte[] Big16(int value) => Written(2, b => BinaryPrimitives.WriteUInt16BigEndian(b, (ushort)value));

    private static byte[] Little(int value) => Written(4, b => BinaryPrimitives.WriteInt32LittleEndian(b, value));

    private static byte[] Written(int length, Action<byte[]> write)
    {
        var bytes = new byte[length];
        write(bytes);
        return bytes;
    }
}
