using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Datasets;

public sealed class DatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mvtec_ad_is_read_object_by_object_with_masks_beside_the_test_images()
    {
        Files("bottle/train/good/0.png", "bottle/test/good/0.png", "bottle/test/broken/0.png", "bottle/ground_truth/broken/0_mask.png",
            "cable/train/good/0.png", "cable/test/good/0.png", "readme.txt");

        var objects = Dataset.Read(_folder.Path);

        Assert.Equal(["bottle", "cable"], objects.Select(o => o.Name));
        Assert.Equal(["bottle/test/broken/0", "bottle/test/good/0"], objects[0].Test.Select(t => t.Name));
        Assert.Equal(_folder.File("bottle/ground_truth/broken/0_mask.png"), objects[0].Test[0].Mask);
        Assert.Equal([true, false], objects[0].Test.Select(t => t.Defective));
        Assert.Equal("cable", Assert.Single(Dataset.Read(_folder.Path, ["cable"])).Name);
        Assert.Equal("bottle/test/broken/0", Dataset.Read(_folder.File("bottle"))[0].Test[0].Name);
    }

    [Fact]
    public void Mvtec_ad_2_has_held_out_images_private_splits_without_labels_and_the_papers_enlargement()
    {
        Files("can/train/good/0.png", "can/validation/good/1.png", "can/test_public/good/2.png", "can/test_public/bad/3.png",
            "can/test_public/ground_truth/bad/3_mask.png", "can/test_private/4.png", "can/test_private_mixed/5.png");

        var can = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal(DatasetLayout.MvtecAd2, can.Layout);
        Assert.Equal(1.5, can.Enlargement);
        Assert.Equal(["can/validation/good/1"], can.HeldOut.Select(i => i.Name));
        Assert.Equal(["can/test_public/good/2", "can/test_public/bad/3", "can/test_private/4", "can/test_private_mixed/5"], can.Test.Select(t => t.Name));
        Assert.Equal([false, true, null, null], can.Test.Select(t => t.Defective));
        Assert.Equal(_folder.File("can/test_public/ground_truth/bad/3_mask.png"), can.Test[1].Mask);
        Assert.Equal(8, DatasetObject.MvtecAd2Names.Count);
    }

    [Fact]
    public void Visa_is_read_by_its_table()
    {
        Files("candle/Data/Images/Normal/0.JPG", "candle/Data/Images/Normal/1.JPG", "candle/Data/Images/Anomaly/2.JPG", "candle/Data/Masks/Anomaly/2.png");
        Directory.CreateDirectory(_folder.File("split_csv"));
        File.WriteAllText(_folder.File("split_csv/1cls.csv"), """
            object,split,label,image,mask
            candle,train,normal,candle/Data/Images/Normal/0.JPG,
            candle,test,normal,candle/Data/Images/Normal/1.JPG,
            candle,test,anomaly,candle/Data/Images/Anomaly/2.JPG,candle/Data/Masks/Anomaly/2.png
            """);

        var candle = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal([_folder.File("candle/Data/Images/Normal/0.JPG")], candle.Train);
        Assert.Equal([false, true], candle.Test.Select(t => t.Defective));
        Assert.Equal(_folder.File("candle/Data/Masks/Anomaly/2.png"), candle.Test[1].Mask);
        Assert.Equal("candle", Assert.Single(Dataset.Read(_folder.File("split_csv/1cls.csv"))).Name);
    }

    [Fact]
    public void Of_a_plain_folder_every_fifth_good_image_is_tested_and_masks_are_optional()
    {
        Files([.. Enumerable.Range(0, 10).Select(i => $"good/{i}.png"), "scratch/a.png", "scratch/b.png", "masks/scratch/b.png"]);

        var plain = Assert.Single(Dataset.Read(_folder.Path));

        Assert.Equal(8, plain.Train.Count);
        Assert.Equal(["4", "9", "a", "b"], plain.Test.Select(t => Path.GetFileName(t.Name)));
        Assert.Equal([null, null, null, _folder.File("masks/scratch/b.png")], plain.Test.Select(t => t.Mask));
    }

    [Fact]
    public void What_is_no_data_set_or_lacks_an_object_is_refused_by_name()
    {
        Files("bottle/train/good/0.png", "bottle/test/good/0.png", "empty/train/good/readme.txt", "empty/test/good/0.png");
        Assert.Contains("no such data set", Fails("nowhere"), StringComparison.Ordinal);
        Assert.Contains("is no data set", Fails("bottle/train/good"), StringComparison.Ordinal);
        Assert.Contains("has no object 'cup' (it has bottle, empty)", Fails("", "cup"), StringComparison.Ordinal);
        Assert.Contains("'empty' has 0 images to learn from", Fails("", "empty"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_images_of_one_name_and_paths_that_lead_out_of_the_data_set_are_refused()
    {
        Files("a/good/1.png", "a/good/2.png", "a/good/3.png", "a/good/4.png", "a/good/5.png", "a/bad/1.png", "a/bad/1.jpg");
        Assert.Contains("two images have one name", Fails("a"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("table.csv"), "object,split,label,image,mask\ncandle,test,normal,../x.png,");
        Assert.Contains("table.csv, line 2: '../x.png' lies outside", Fails("table.csv"), StringComparison.Ordinal);
    }

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

    [Fact]
    public void What_file_managers_archives_and_notebooks_leave_behind_is_no_image_and_no_kind_of_defect()
    {
        Files([.. Enumerable.Range(0, 5).Select(i => $"a/good/{i}.png"), "a/good/._0.png", "a/good/.hidden.png", "a/good/Thumbs.db", "a/scratch/9.png", "a/.ipynb_checkpoints/0.png",
            "a/__MACOSX/0.png", "a/@eaDir/0.png", "a/Labels/9.png", "a/annotations/9.png"]);

        var plain = Assert.Single(Dataset.Read(_folder.File("a")));

        Assert.Equal(["a/good/4", "a/scratch/9"], plain.Test.Select(t => t.Name));
        Assert.Equal(4, plain.Train.Count);
        Assert.Equal(_folder.File("a/Labels/9.png"), plain.Test[1].Mask);

        Files("m/train/good/0.png", "m/test/good/0.png", "m/test/.cache/0.png", "m/test/masks/0.png", "m/test/broken/0.png", "m/ground_truth/broken/0_mask.png");
        Assert.Equal(["broken", "good"], Assert.Single(Dataset.Read(_folder.File("m"))).Test.Select(t => t.Kind));
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
    public void A_mask_means_the_same_however_it_is_coded(string coding)
    {
        var path = _folder.File(coding == "jpeg" ? "1_mask.jpg" : "1_mask.png");
        using (var mask = new OpenCvSharp.Mat(48, 64, OpenCvSharp.MatType.CV_8UC4, new OpenCvSharp.Scalar(255, 255, 255, 0)))
        {
            var box = new OpenCvSharp.Rect(16, 8, 24, 16);
            void Write(OpenCvSharp.MatType type, double outside, double inside, double factor = 1)
            {
                using var plain = new OpenCvSharp.Mat(48, 64, type, OpenCvSharp.Scalar.All(outside));
                OpenCvSharp.Cv2.Rectangle(plain, box, OpenCvSharp.Scalar.All(inside * factor), thickness: -1);
                OpenCvSharp.Cv2.ImWrite(path, plain);
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

    private string Fails(string below, params string[] only) =>
        Assert.Throws<DatasetException>(() => Dataset.Read(_folder.File(below), only.Length > 0 ? only : null)).Message;

    private void Files(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }
    }
}
