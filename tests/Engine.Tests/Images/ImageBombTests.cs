using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

/// <summary>Files that are small or look harmless and claim far more; a real station's memory is measured in the integration tests.</summary>
public sealed class ImageBombTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. ImageBombs.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bomb_is_refused_by_name_or_is_a_small_picture(string name)
    {
        var bomb = ImageBombs.Make(name);
        try
        {
            using var image = ImageCodec.Decode(bomb, name, new ImageLimits(1));
            Assert.InRange(image.Width * image.Height, 1, 1_000_000);
        }
        catch (ImageFormatException e)
        {
            Assert.StartsWith($"{name}: ", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("png", "want at most 1 megapixels, got 225")]
    [InlineData("jpeg-thumbnail", "15000×15000")]
    [InlineData("jpeg-hidden-frame", "15000×15000")]
    [InlineData("jpeg-scans", "too many scans: want at most 100")]
    [InlineData("tiff-two-widths", "15000×16000")]
    [InlineData("tiff-tile", "tiles of 14992×14992 pixels are larger than the image of 64×64")]
    [InlineData("png-long-data", "the picture takes at most")]
    [InlineData("png-animated", "animated")]
    [InlineData("webp-animated", "animated")]
    [InlineData("file", "too large: want at most 9 MB, got 20")]
    public void The_reason_is_said(string name, string reason) =>
        Assert.Contains(reason, Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(ImageBombs.Make(name), name, new ImageLimits(1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Texts_and_profiles_do_not_change_a_PNG_and_an_unknown_critical_chunk_does()
    {
        using var part = TestPart.Make(77);
        var png = ImageCodec.Encode(part, ImageFormat.Png);
        foreach (var type in (string[])["tEXt", "zTXt", "iCCP", "tIME", "prVt"])
        {
            using var image = ImageCodec.Decode(With(type), "x.png");
            Assert.Equal(part.Bytes.ToArray(), image.Bytes.ToArray());
        }

        Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(With("ABCD"), "x.png").Dispose());

        byte[] With(string type)
        {
            byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), 1, 2, 3];
            var crc = new byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(crc, ImageBombs.Crc(body));
            return [.. png[..33], 0, 0, 0, 3, .. body, .. crc, .. png[33..]];
        }
    }

    [Fact]
    public void A_JPEG_cut_behind_its_thumbnail_is_cut_off()
    {
        using var picture = TestPart.Make(100, 640, 480);
        new Random(1).NextBytes(picture.Bytes);
        using var small = TestPart.Make(100, 160, 120);
        byte[] thumbnail = [.. "Exif\0\0"u8, .. ImageCodec.Encode(small, ImageFormat.Jpeg)], jpeg = ImageCodec.Encode(picture, ImageFormat.Jpeg);
        byte[] whole = [0xFF, 0xD8, 0xFF, 0xE1, (byte)((thumbnail.Length + 2) >> 8), (byte)(thumbnail.Length + 2), .. thumbnail, .. jpeg[2..]];

        using (var decoded = ImageCodec.Decode(whole, "x.jpg"))
            Assert.Equal((640, 480), (decoded.Width, decoded.Height));
        // In what is left the thumbnail's end stands in the second half.
        Assert.Contains("no end marker", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(whole.AsSpan(0, thumbnail.Length + 700), "x.jpg")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_a_JPEG_in_its_file_does_not_matter()
    {
        using var image = TestPart.Make(100, 64, 48);
        var jpeg = ImageCodec.Encode(image, ImageFormat.Jpeg);
        using var decoded = ImageCodec.Decode([.. jpeg, .. ImageBombs.Make("jpeg")], "x.jpg", new ImageLimits(1));
        Assert.Equal((64, 48), (decoded.Width, decoded.Height));
    }

    [Theory]
    [InlineData(4000, 3000, false, null, 12)]
    [InlineData(64, 64, false, null, 1)]
    [InlineData(64, 64, true, 12_000_000L, 24)]
    [InlineData(64, 64, true, null, 256)]
    public void A_detector_needs_no_larger_images_than_it_was_learned_from(int width, int height, bool isMixed, long? maxPixels, double megapixels)
    {
        var limits = new LearnedSize("parts", width, height, isMixed, maxPixels).Limits;
        Assert.Equal(megapixels, limits.MaxMegapixels);
    }

    [Fact]
    public void Among_the_images_of_a_folder_the_median_decides()
    {
        for (var i = 0; i < 4; i++)
            TestPart.Write(_folder.File($"{i}.png"), 100, width: 800, height: 500);
        File.WriteAllBytes(_folder.File("bomb.png"), ImageBombs.Make("png"));
        File.WriteAllText(_folder.File("no.png"), "not a picture");
        File.WriteAllBytes(_folder.File("last.tif"), ImageBombs.Make("tiff-pages"));

        var limits = ImageFolder.Limits(ImageFolder.Files(_folder.Path));

        Assert.Equal(8 * 0.4, limits.MaxMegapixels, 6);
        Assert.Contains("the median of 6 images has 0.4 megapixels", Assert.Throws<ImageFormatException>(() => ImageCodec.Read(_folder.File("bomb.png"), limits)).Message, StringComparison.Ordinal);
        Assert.Equal(ImageLimits.Default, ImageFolder.Limits([_folder.File("no.png"), _folder.File("absent.png")]));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using (var file = File.Create(_folder.File("long.png")))
            file.SetLength(5_000_000_000);
        Assert.Contains("want at most 9 MB, got 5000", Assert.Throws<ImageFormatException>(() => ImageCodec.Read(_folder.File("long.png"), new ImageLimits(1))).Message, StringComparison.Ordinal);
        Assert.Contains("want at most 2", Assert.Throws<ImageFormatException>(() => ImageCodec.Read(_folder.File("long.png"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_limited_beside_pixels()
    {
        using var colour = TestPart.Make(100, 500, 400);
        new Random(1).NextBytes(colour.Bytes);
        var png = ImageCodec.Encode(colour, ImageFormat.Png);
        Assert.Contains("500×400 pixels of 3 bytes: want at most 0.55 MB, got 0.6", Assert.Throws<ImageFormatException>(() => new ImageLimits(1, 0.55).Check(colour, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("the file is too large", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(png, "x", new ImageLimits(1, 0.55))).Message, StringComparison.Ordinal);
        using var decoded = ImageCodec.Decode(png, "x", new ImageLimits(1, 0.65));
    }
}
