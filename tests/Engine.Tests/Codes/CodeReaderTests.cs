using MrfAd.Engine.Codes;
using MrfAd.Engine.Images;
using MrfAd.Testing;
using ZXing;

namespace MrfAd.Engine.Tests.Codes;

/// <summary>Codes made by the decoder's own writer, drawn as a camera sees them.</summary>
public sealed class CodeReaderTests
{
    private const string Text = "SN-4711";

    [Theory]
    [InlineData(BarcodeFormat.DATA_MATRIX, Text)]
    [InlineData(BarcodeFormat.QR_CODE, Text)]
    [InlineData(BarcodeFormat.AZTEC, Text)]
    [InlineData(BarcodeFormat.PDF_417, Text)]
    [InlineData(BarcodeFormat.CODE_128, Text)]
    [InlineData(BarcodeFormat.CODE_93, Text)]
    [InlineData(BarcodeFormat.CODE_39, Text)]
    [InlineData(BarcodeFormat.EAN_13, "4006381333931")]
    [InlineData(BarcodeFormat.EAN_8, "96385074")]
    [InlineData(BarcodeFormat.UPC_A, "036000291452")]
    [InlineData(BarcodeFormat.ITF, "00012345678905")]
    public void Each_kind_is_read_among_all_kinds(BarcodeFormat format, string text)
    {
        using var image = new CodePicture(700, 400).Draw(format, text, 350, 200, module: 3).Noise(3, 1).ToImage();

        var reading = Read(image, formats: Enum.GetValues<CodeFormat>());

        Assert.Equal((text, null), (reading.Text, reading.Reason));
        Assert.Equal(format == BarcodeFormat.QR_CODE ? "qr" : format.ToString().ToLowerInvariant(), reading.Format!.Value.ToText());
    }

    [Theory]
    [InlineData(BarcodeFormat.DATA_MATRIX)]
    [InlineData(BarcodeFormat.QR_CODE)]
    [InlineData(BarcodeFormat.CODE_128)]
    public void A_code_is_read_at_any_angle(BarcodeFormat format)
    {
        var missed = Enumerable.Range(0, 12).Select(i => 32 * i).Where(degrees =>
        {
            using var image = new CodePicture(560, 560).Draw(format, Text, 290, 270, module: 4, degrees: degrees).Noise(3, degrees).ToImage();
            return Read(image).Text != Text;
        });

        Assert.Empty(missed);
    }

    [Theory]
    [InlineData(BarcodeFormat.DATA_MATRIX)]
    [InlineData(BarcodeFormat.QR_CODE)]
    [InlineData(BarcodeFormat.CODE_128)]
    public void A_slightly_blurred_code_is_read_and_of_one_that_is_blurred_away_it_is_said(BarcodeFormat format)
    {
        using var soft = new CodePicture(500, 300).Draw(format, Text, 250, 150, module: 4).Blur(1.6).Noise(3, 1).ToImage();
        using var gone = new CodePicture(500, 300).Draw(format, Text, 250, 150, module: 4).Blur(12).Noise(3, 1).ToImage();

        Assert.Equal(Text, Read(soft).Text);
        var reading = Read(gone);
        Assert.Equal((null, null, null), (reading.Text, reading.Format, reading.Box));
        Assert.Matches("^no data_matrix, qr, code_128 code can be read$", reading.Reason);
    }

    [Theory]
    [InlineData(BarcodeFormat.DATA_MATRIX)]
    [InlineData(BarcodeFormat.QR_CODE)]
    [InlineData(BarcodeFormat.CODE_128)]
    public void A_dark_code_of_little_contrast_is_read(BarcodeFormat format)
    {
        // From 3 to 14 of 255.
        using var dark = new CodePicture(500, 300).Draw(format, Text, 250, 150, module: 4).Light(0.065).Noise(1, 1).ToImage();
        using var darker = new CodePicture(500, 300).Draw(format, Text, 250, 150, module: 4).Light(0.006).ToImage(3, PixelDepth.Sixteen);

        Assert.Equal(Text, Read(dark).Text);
        Assert.Equal(Text, Read(darker).Text);
    }

    [Fact]
    public void A_code_that_is_light_on_dark_is_read()
    {
        using var image = new CodePicture(400, 300, background: 30).Draw(BarcodeFormat.DATA_MATRIX, Text, 180, 160, module: 4, degrees: 20, dark: 180, light: 30).Noise(4, 1).ToImage(3);

        Assert.Equal((Text, CodeFormat.DataMatrix), (Read(image).Text, Read(image).Format));
    }

    [Fact]
    public void A_code_that_is_damaged_within_its_error_correction_is_read_and_beyond_it_is_not()
    {
        // 16 or 18 modules of 6 px; its solid edges, by which it is found, are at the left and below.
        CodePicture Picture() => new CodePicture(400, 400).Draw(BarcodeFormat.DATA_MATRIX, "SN-4711/2026-11-30", 200, 200, module: 6);
        using var scratched = Picture().Cover(190, 175, 14, 14, 128).ToImage();
        using var destroyed = Picture().Cover(160, 160, 80, 80, 128).ToImage();

        Assert.Equal("SN-4711/2026-11-30", Read(scratched).Text);
        Assert.NotNull(Read(destroyed).Reason);
    }

    [Fact]
    public void Two_codes_are_one_too_many_unless_they_say_the_same()
    {
        CodePicture Left() => new CodePicture(700, 400).Draw(BarcodeFormat.DATA_MATRIX, Text, 160, 120, module: 4);
        using var two = Left().Draw(BarcodeFormat.DATA_MATRIX, "SN-4712", 520, 280, module: 4, degrees: 30).ToImage();
        using var kinds = Left().Draw(BarcodeFormat.CODE_128, "SN-4712", 480, 300, module: 2).ToImage();
        using var twice = Left().Draw(BarcodeFormat.QR_CODE, Text, 520, 280, module: 4).ToImage();

        Assert.Equal("2 codes are in the region, want one", Read(two).Reason);
        Assert.Equal("2 codes are in the region, want one", Read(kinds).Reason);
        Assert.Equal(Text, Read(twice).Text);
        Assert.Equal("SN-4712", Read(two, new PixelBox(400, 150, 300, 250)).Text);
        Assert.Equal(Text, Read(kinds, formats: [CodeFormat.DataMatrix]).Text);
    }

    [Fact]
    public void A_small_code_anywhere_in_a_large_picture_is_found_where_it_is()
    {
        var picture = new CodePicture(2400, 1600, background: 150).Noise(12, 1);
        for (var i = 0; i < 12; i++)
            picture.Cover(130 + (190 * i), 300 + (90 * i), 60, 40, 20 * i);
        using var image = picture.Draw(BarcodeFormat.DATA_MATRIX, Text, 2050, 240, module: 3, degrees: 35).ToImage(3);

        var reading = Read(image);

        Assert.Equal(Text, reading.Text);
        // 12 modules of 3 px, turned: 50 px.
        var box = reading.Box!.Value;
        Assert.InRange(box.X, 2020, 2035);
        Assert.InRange(box.Y, 210, 225);
        Assert.InRange(box.Width, 35, 55);
        Assert.InRange(box.Height, 35, 55);
    }

    [Fact]
    public void The_place_is_that_in_the_image_also_where_a_region_was_cut_out()
    {
        using var image = new CodePicture(800, 600).Draw(BarcodeFormat.DATA_MATRIX, Text, 600, 400, module: 5).ToImage();

        var box = Read(image, new PixelBox(450, 250, 300, 300)).Box!.Value;

        // 12 modules of 5 px around the middle.
        Assert.InRange(box.X, 565, 575);
        Assert.InRange(box.Y, 365, 375);
        Assert.InRange(box.X + box.Width, 625, 635);
        Assert.InRange(box.Y + box.Height, 425, 435);
    }

    [Fact]
    public void Control_characters_of_a_code_are_kept()
    {
        using var image = new CodePicture(400, 400).Draw(BarcodeFormat.DATA_MATRIX, "0104\u001d21SN1", 200, 200, module: 5).ToImage();

        Assert.Equal("0104\u001d21SN1", Read(image).Text);
    }

    [Theory]
    [InlineData(CodeReading.MaxLength, true)]
    [InlineData(CodeReading.MaxLength + 1, false)]
    public void A_text_is_a_serial_number_and_no_document(int length, bool isRead)
    {
        using var image = new CodePicture(500, 500).Draw(BarcodeFormat.QR_CODE, new string('7', length), 250, 250, module: 6).ToImage();

        var reading = Read(image);

        Assert.Equal(isRead ? null : "the qr code has 201 characters, want 1 to 200", reading.Reason);
        Assert.Equal(isRead, reading.Text is not null);
    }

    [Theory]
    [InlineData(-1, 0, 10, 10)]
    [InlineData(0, 0, 0, 10)]
    [InlineData(91, 0, 10, 10)]
    [InlineData(0, 51, 10, 10)]
    [InlineData(2147483647, 0, 2147483647, 10)]
    public void A_region_outside_of_the_image_is_named_with_its_size(int x, int y, int width, int height)
    {
        using var image = new CodePicture(100, 60).ToImage();

        var refused = Assert.Throws<ArgumentException>(() => CodeReader.Cut(image, new PixelBox(x, y, width, height)));

        Assert.Equal($"the region [{x}, {y}, {width}, {height}] is not within the image of 100x60", refused.Message);
    }

    [Fact]
    public void Reading_ends_at_its_limit()
    {
        var clock = new FakeClock();
        using var image = new CodePicture(400, 300).Noise(100, 1).ToImage();
        using var grey = CodeReader.Cut(image, null);

        var reading = new CodeReader([CodeFormat.DataMatrix], TimeSpan.Zero, clock).Read(grey, 0, 0);

        Assert.Equal("no code was read within 0 s", reading.Reason);
    }

    [Fact]
    public void Textures_and_the_smallest_images_hold_no_code_and_break_nothing()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            using var noise = new CodePicture(240, 180, 128).Noise(120, seed).Blur(0.3 + (seed / 2.0)).ToImage();
            Assert.Null(Read(noise).Text);
        }

        foreach (var (width, height) in ((int, int)[])[(1, 1), (1, 50), (50, 1), (3, 3), (12, 9)])
        {
            using var tiny = new CodePicture(width, height).ToImage();
            Assert.NotNull(Read(tiny).Reason);
        }
    }

    private static CodeReading Read(Image image, PixelBox? region = null, IReadOnlyList<CodeFormat>? formats = null)
    {
        using var grey = CodeReader.Cut(image, region);
        return new CodeReader(formats ?? [CodeFormat.DataMatrix, CodeFormat.Qr, CodeFormat.Code128], TestTimeout.Value, TimeProvider.System).Read(grey, region?.X ?? 0, region?.Y ?? 0);
    }
}
