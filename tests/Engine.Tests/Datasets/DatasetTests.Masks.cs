using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Tests.Datasets;

/// <summary>The masks of a data set, in the ways they are named and coded.</summary>
public sealed partial class DatasetTests
{
    [Fact]
    public void A_mask_that_is_absent_broken_empty_or_of_another_size_is_named()
    {
        var image = new DatasetImage("o/test/bad/1", "test", "bad", _folder.File("1.png"), true, _folder.File("1_mask.png"));
        Assert.Contains("1_mask.png does not exist", Message(), StringComparison.Ordinal);
        File.WriteAllText(image.Mask!, "not a picture");
        Assert.Contains("1_mask.png: the mask cannot be read", Message(), StringComparison.Ordinal);
        Mask(4, 3, 1, PixelDepth.Eight, 200);
        Assert.Contains("1_mask.png: the mask is 4x3, its image 8x6", Message(), StringComparison.Ordinal);
        Mask(8, 6, 1, PixelDepth.Eight, 0);
        Assert.Contains("1_mask.png: marks nothing, but the image is 'bad'", Message(), StringComparison.Ordinal);

        string Message() => Assert.Throws<DatasetException>(() => DatasetMask.Read(image, 8, 6)).Message;
    }

    [Theory]
    [InlineData(1, PixelDepth.Eight)]
    [InlineData(3, PixelDepth.Eight)]
    [InlineData(1, PixelDepth.Sixteen)]
    public void A_mask_marks_what_is_not_zero_in_any_sample(int channels, PixelDepth depth)
    {
        Mask(8, 6, channels, depth, 1);
        var regions = DatasetMask.Read(new DatasetImage("o/test/bad/1", "test", "bad", "1.png", true, _folder.File("1_mask.png")), 8, 6)!;
        Assert.Equal([1], regions.Sizes);
        Assert.Equal(47, regions.OkPixels);
    }

    [Theory]
    [InlineData("ground_truth/broken/0_mask.png")]
    [InlineData("Ground_Truth/Broken/0_MASK.PNG")]
    [InlineData("ground_truth/broken/0.png")]
    [InlineData("ground_truth/broken/0_gt.bmp")]
    [InlineData("ground_truth/0_mask.tif")]
    [InlineData("ground_truth/broken/0_label.jpg")]
    public void A_mask_is_found_by_the_names_and_formats_in_use_in_any_case(string mask)
    {
        Files("Train/Good/0.png", "Test/good/0.png", "Test/broken/0.png", mask);
        Assert.Equal(_folder.File(mask), Assert.Single(Dataset.Read(_folder.Path)).Test[0].Mask);
    }

    [Fact]
    public void A_mask_that_two_images_would_share_is_refused()
    {
        Files("train/good/0.png", "test/good/0.png", "test/broken/0.png", "test/scratch/0.png", "ground_truth/0_mask.png");
        Assert.Contains("two images have one mask", Fails(""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgba")]
    [InlineData("rgba-black")]
    [InlineData("grey-alpha")]
    [InlineData("palette")]
    [InlineData("zero-one")]
    [InlineData("grey16")]
    [InlineData("jpeg")]
    [InlineData("one-bit")]
    [InlineData("red")]
    [InlineData("bmp")]
    [InlineData("tif")]
    public void A_mask_means_the_same_however_it_is_coded(string coding)
    {
        var path = _folder.File($"1_mask.{(coding is "bmp" or "tif" ? coding : coding == "jpeg" ? "jpg" : "png")}");
        using (var mask = new OpenCvSharp.Mat(48, 64, OpenCvSharp.MatType.CV_8UC4, new OpenCvSharp.Scalar(255, 255, 255, 0)))
        {
            var box = new OpenCvSharp.Rect(16, 8, 24, 16);
            void Write(OpenCvSharp.MatType type, double outside, double inside, double factor = 1)
            {
                using var plain = new OpenCvSharp.Mat(48, 64, type, OpenCvSharp.Scalar.All(outside));
                OpenCvSharp.Cv2.Rectangle(plain, box, OpenCvSharp.Scalar.All(inside * factor), thickness: -1);
                OpenCvSharp.Cv2.ImWrite(path, plain, new OpenCvSharp.ImageEncodingParam(OpenCvSharp.ImwriteFlags.PngBilevel, coding == "one-bit" ? 1 : 0));
            }

            switch (coding)
            {
                case "rgba":
                    OpenCvSharp.Cv2.Rectangle(mask, box, OpenCvSharp.Scalar.All(255), thickness: -1);
                    OpenCvSharp.Cv2.ImWrite(path, mask);
                    break;
                case "rgba-black":
                    mask.SetTo(new OpenCvSharp.Scalar(0, 0, 0, 0));
                    OpenCvSharp.Cv2.Rectangle(mask, box, new OpenCvSharp.Scalar(0, 0, 0, 255), thickness: -1);
                    OpenCvSharp.Cv2.ImWrite(path, mask);
                    break;
                case "grey-alpha":
                    File.WriteAllBytes(path, Png(64, 48, colourType: 4, (x, y) => box.Contains(x, y) ? [255, 255] : [255, 0]));
                    break;
                case "red":
                    using (var red = new OpenCvSharp.Mat(48, 64, OpenCvSharp.MatType.CV_8UC3, OpenCvSharp.Scalar.All(0)))
                    {
                        OpenCvSharp.Cv2.Rectangle(red, box, new OpenCvSharp.Scalar(0, 0, 180), thickness: -1);
                        OpenCvSharp.Cv2.ImWrite(path, red);
                    }

                    break;
                case "palette":
                    File.WriteAllBytes(path, Png(64, 48, colourType: 3, (x, y) => [(byte)(box.Contains(x, y) ? 1 : 0)], palette: [0, 0, 0, 200, 30, 30]));
                    break;
                case "zero-one":
                    Write(OpenCvSharp.MatType.CV_8UC1, 0, 1);
                    break;
                case "grey16":
                    Write(OpenCvSharp.MatType.CV_16UC1, 0, 65535);
                    break;
                default:
                    Write(OpenCvSharp.MatType.CV_8UC1, 0, 255);
                    break;
            }
        }

        var regions = DatasetMask.Read(new DatasetImage("o/test/bad/1", "test", "bad", "1.png", true, path), 64, 48)!;

        Assert.Equal([24 * 16], regions.Sizes);
    }

    [Fact]
    public void A_mask_that_is_inverted_or_noisy_is_named_and_one_with_a_smoothed_edge_is_not()
    {
        var image = new DatasetImage("o/test/bad/1", "test", "bad", "1.png", true, _folder.File("1_mask.png"));
        string ResultOf(byte[] values)
        {
            using var mask = new Image(64, 48, 1);
            values.CopyTo(mask.Bytes);
            File.WriteAllBytes(image.Mask!, ImageCodec.Encode(mask, ImageFormat.Png));
            try
            {
                string? warning = null;
                var pixels = DatasetMask.Read(image, 64, 48, text => warning = text)!.DefectPixels;
                return warning ?? $"{pixels}";
            }
            catch (DatasetException e)
            {
                return e.Message;
            }
        }

        byte[] box = Values((x, y) => x is >= 16 and < 40 && y is >= 8 and < 24 ? 255 : 0);
        Assert.Equal($"{24 * 16}", ResultOf(box));
        Assert.Contains("marks 87.5 % of its image (64x48), as an inverted mask does", ResultOf([.. box.Select(v => (byte)(255 - v))]), StringComparison.Ordinal);
        Assert.Contains("marks 100 %", ResultOf(Values((_, _) => 255)), StringComparison.Ordinal);
        Assert.Contains("as the noise of a JPEG", ResultOf(Values((x, y) => box[(y * 64) + x] > 0 ? 255 : x % 9 == 3 && y % 7 == 3 ? 4 : 0)), StringComparison.Ordinal);
        Assert.Contains("as the noise of a JPEG", ResultOf(Values((x, y) => x is >= 16 and < 40 && y is >= 8 and < 24 ? 250 : x is >= 10 and < 46 && y is >= 2 and < 30 ? 3 : 0)), StringComparison.Ordinal);
        // A quarter of the image, and an edge that fades over two pixels.
        Assert.Equal($"{28 * 20}", ResultOf(Values((x, y) => x is >= 16 and < 40 && y is >= 8 and < 24 ? 255 : x is >= 15 and < 41 && y is >= 7 and < 25 ? 128 : x is >= 14 and < 42 && y is >= 6 and < 26 ? 16 : 0)));

        static byte[] Values(Func<int, int, int> value) => [.. Enumerable.Range(0, 64 * 48).Select(i => (byte)value(i % 64, i / 64))];
    }

    /// <summary>A PNG with 8 bits a sample, as its specification has it.</summary>
    private static byte[] Png(int width, int height, byte colourType, Func<int, int, byte[]> pixel, byte[]? palette = null)
    {
        var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = [0, 0, 0, (byte)width, 0, 0, 0, (byte)height, 8, colourType, 0, 0, 0];
        Chunk("IHDR", header);
        if (palette is not null)
            Chunk("PLTE", palette);
        var data = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(data, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                for (var x = 0; x < width; x++)
                    zlib.Write(pixel(x, y));
            }
        }

        Chunk("IDAT", data.ToArray());
        Chunk("IEND", []);
        return png.ToArray();

        void Chunk(string name, byte[] bytes)
        {
            byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(name), .. bytes];
            var number = new byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
            png.Write(number);
            png.Write(body);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
            png.Write(number);
        }

        static uint Crc(byte[] bytes)
        {
            var crc = uint.MaxValue;
            foreach (var b in bytes)
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
            }

            return ~crc;
        }
    }

    /// <summary>One pixel has the value.</summary>
    private void Mask(int width, int height, int channels, PixelDepth depth, byte value)
    {
        using var mask = new Image(width, height, channels, depth);
        mask.Bytes.Clear();
        mask.Bytes[10 * channels * (int)depth] = value;
        File.WriteAllBytes(_folder.File("1_mask.png"), ImageCodec.Encode(mask, ImageFormat.Png));
    }
}
