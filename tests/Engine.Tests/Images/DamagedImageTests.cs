using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using OpenCvSharp;

namespace MrfAd.Engine.Tests.Images;

/// <summary>Files whose header is right and whose picture is damaged or cut off: none of them is a picture with a grey or black part.</summary>
public sealed class DamagedImageTests
{
    // Of OpenCV's, which its binding does not name.
    private const ImwriteFlags SamplingFactor = (ImwriteFlags)7;

    private const int Width = 96, Height = 64;

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    [InlineData(".bmp")]
    [InlineData(".tif")]
    [InlineData(".webp")]
    public void A_file_that_is_cut_off_anywhere_in_its_picture_is_refused_by_name(string extension)
    {
        var whole = Encoded(extension);
        using (ImageCodec.Decode(whole, "whole"))
        {
        }

        foreach (var share in (double[])[0.3, 0.5, 0.7, 0.9, 0.98])
            Refused(whole[..(int)(share * whole.Length)], $"part{extension}");
    }

    [Theory]
    [InlineData("png")]
    [InlineData("grey")]
    [InlineData("4:2:0")]
    [InlineData("4:4:4")]
    [InlineData("progressive")]
    [InlineData("optimised")]
    [InlineData("restarts")]
    public void A_piece_that_is_missing_or_overwritten_within_the_picture_is_not_made_up_for(string coding)
    {
        var whole = Coded(coding);
        var read = 0;
        foreach (var share in (double[])[0.3, 0.5, 0.7, 0.9])
        {
            var (at, length) = ((int)(share * whole.Length), whole.Length / 20);
            read += IsRead([.. whole[..at], .. whole[(at + length)..]], coding) ? 1 : 0;
            // What a file system leaves that lost power.
            read += IsRead([.. whole[..at], .. new byte[length], .. whole[(at + length)..]], coding) ? 1 : 0;
        }

        // A JPEG has no checksum: by chance one of the eight may give as many blocks as the whole.
        Assert.InRange(read, 0, coding == "png" ? 0 : 1);
    }

    [Theory]
    [InlineData("grey")]
    [InlineData("4:2:0")]
    [InlineData("4:2:2")]
    [InlineData("4:4:0")]
    [InlineData("4:4:4")]
    [InlineData("progressive")]
    [InlineData("optimised")]
    [InlineData("restarts")]
    [InlineData("progressive restarts")]
    public void A_JPEG_that_is_whole_is_read_whatever_its_size_and_coding(string coding)
    {
        foreach (var (width, height) in ((int, int)[])[(Width, Height), (1, 1), (17, 9), (8, 33), (130, 47)])
        {
            foreach (var isNoise in (bool[])[false, true])
            {
                using var image = ImageCodec.Decode(Coded(coding, width, height, isNoise), coding);
                Assert.Equal((width, height), (image.Width, image.Height));
            }
        }
    }

    [Fact]
    public void Bytes_that_fill_up_a_scan_or_stand_between_its_markers_do_not_matter()
    {
        var whole = Coded("4:2:0");
        foreach (var filling in (byte[][])[[0], [0, 0, 0], [0xFF], [0xFF, 0xFF], [0xFF, 0xD0]])
        {
            using var image = ImageCodec.Decode([.. whole[..^2], .. filling, .. whole[^2..]], "filled");
            Assert.Equal(Width, image.Width);
        }
    }

    [Theory]
    [InlineData("4:2:0")]
    [InlineData("progressive")]
    [InlineData("restarts")]
    public void A_JPEG_that_is_changed_anywhere_is_a_picture_or_refused(string coding)
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var changed = Coded(coding, 40, 24);
            changed[random.Next(2, changed.Length)] = (byte)random.Next(256);
            changed[random.Next(2, changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                ImageCodec.Decode(changed, coding, new ImageLimits(1)).Dispose();
            }
            catch (ImageFormatException e)
            {
                Assert.StartsWith(coding, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("grey", 0)]
    [InlineData("grey", 0x38)] // a refinement, which only a progressive picture has
    [InlineData("4:2:0", 0x38)]
    [InlineData("progressive", 0x38)]
    public void A_scan_that_names_codes_which_are_not_there_is_a_picture_or_refused(string coding, byte approximation)
    {
        var file = Coded(coding);
        var scan = file.AsSpan().IndexOf((byte[])[0xFF, 0xDA]) + 4;
        var components = file[scan];
        for (var i = 0; i < components; i++)
            file[scan + 2 + (2 * i)] |= 0x30;
        file[scan + 3 + (2 * components)] = approximation;

        IsRead(file, coding);
    }

    private static void Refused(byte[] file, string name) =>
        Assert.StartsWith($"{name}: ", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file, name).Dispose()).Message, StringComparison.Ordinal);

    private static bool IsRead(byte[] file, string name)
    {
        try
        {
            ImageCodec.Decode(file, name).Dispose();
            return true;
        }
        catch (ImageFormatException e)
        {
            Assert.StartsWith($"{name}: ", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static byte[] Coded(string coding, int width = Width, int height = Height, bool isNoise = true)
    {
        (ImwriteFlags Flag, int Value)[] flags = coding switch
        {
            "4:2:0" => [(SamplingFactor, 0x221111)],
            "4:2:2" => [(SamplingFactor, 0x211111)],
            "4:4:0" => [(SamplingFactor, 0x121111)],
            "4:4:4" => [(SamplingFactor, 0x111111)],
            "progressive" => [(ImwriteFlags.JpegProgressive, 1)],
            "progressive restarts" => [(ImwriteFlags.JpegProgressive, 1), (ImwriteFlags.JpegRstInterval, 2)],
            "optimised" => [(ImwriteFlags.JpegOptimize, 1)],
            "restarts" => [(ImwriteFlags.JpegRstInterval, 3)],
            _ => [],
        };
        return Encoded(coding == "png" ? ".png" : ".jpg", width, height, coding == "grey" ? MatType.CV_8UC1 : MatType.CV_8UC3, isNoise, flags);
    }

    private static byte[] Encoded(string extension, int width = Width, int height = Height, MatType? type = null, bool isNoise = true, params (ImwriteFlags Flag, int Value)[] flags)
    {
        using var picture = new Mat(height, width, type ?? MatType.CV_8UC3, Scalar.All(90));
        if (isNoise)
        {
            var values = new byte[width * height * picture.Channels()];
            new Random(1).NextBytes(values);
            Marshal.Copy(values, 0, picture.Data, values.Length);
        }

        Cv2.ImEncode(extension, picture, out var file, [.. flags.Select(f => new ImageEncodingParam(f.Flag, f.Value))]);
        return file;
    }
}
