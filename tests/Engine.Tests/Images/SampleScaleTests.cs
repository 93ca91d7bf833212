using System.Buffers.Binary;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Images;

/// <summary>Files of more than 8 bits mean the same picture however they say it: black is 0, white is 65535.</summary>
public sealed class SampleScaleTests : IDisposable
{
    private const int Width = 5, Height = 3, Count = Width * Height;

    // TIFF 6.0: tags that the cases set.
    private const int BitsPerSample = 258, Photometric = 262, SamplesPerPixel = 277, MaxSampleValue = 281, Planar = 284, SampleFormat = 339, NewSubfileType = 254, FillOrder = 266;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(10, 1)]
    [InlineData(12, 1)]
    [InlineData(14, 1)]
    [InlineData(16, 1)]
    [InlineData(10, 0)]
    [InlineData(12, 0)]
    [InlineData(14, 0)]
    [InlineData(16, 0)]
    public void A_TIFF_of_any_bits_is_read_over_the_full_range_and_zero_may_mean_white(int bits, int photometric)
    {
        var values = Ramp(bits);
        foreach (var isBig in (bool[])[false, true])
        {
            using var image = ImageCodec.Decode(Tiff(isBig, Packed(values, bits, isBig), (BitsPerSample, bits), (Photometric, photometric)), "x.tif");
            Equal(values.Select(v => Full(photometric == 1 ? v : (1 << bits) - 1 - v, bits)), image);
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(15)]
    public void The_largest_sample_value_of_a_TIFF_says_how_many_bits_of_sixteen_are_used(int bits)
    {
        var values = Ramp(bits);
        using var image = ImageCodec.Decode(Tiff(false, Packed(values, 16), (BitsPerSample, 16), (Photometric, 1), (MaxSampleValue, (1 << bits) - 1)), "x.tif");
        Equal(values.Select(v => Full(v, bits)), image);
    }

    [Fact]
    public void Unused_bits_and_zero_as_white_go_together()
    {
        using var image = ImageCodec.Decode(Tiff(false, Packed(Ramp(12), 16), (BitsPerSample, 16), (Photometric, 0), (MaxSampleValue, 4095)), "x.tif");
        Equal(Ramp(12).Select(v => Full(4095 - v, 12)), image);
    }

    [Fact]
    public void Samples_that_use_all_bits_stay_as_they_are()
    {
        foreach (var max in (int[])[65535, 51234, 32768])
        {
            using var image = ImageCodec.Decode(Tiff(false, Packed(Ramp(16), 16), (BitsPerSample, 16), (Photometric, 1), (MaxSampleValue, max)), "x.tif");
            Equal(Ramp(16), image);
        }

        // Dark, and nothing says that it is more than that.
        using var dark = ImageCodec.Decode(Tiff(false, Packed(Ramp(12), 16), (BitsPerSample, 16), (Photometric, 1)), "x.tif");
        Equal(Ramp(12), dark);
    }

    [Theory]
    [InlineData("MaxSampleValue of 3021", BitsPerSample, 16, MaxSampleValue, 3021)] // the largest of one image, it seems
    [InlineData("larger than their MaxSampleValue of 1023", BitsPerSample, 16, MaxSampleValue, 1023)]
    [InlineData("signed or floating-point", BitsPerSample, 16, SampleFormat, 2)]
    [InlineData("signed or floating-point", BitsPerSample, 32, SampleFormat, 3)]
    [InlineData("PlanarConfiguration 2", BitsPerSample, 16, Planar, 2, SamplesPerPixel, 3)]
    [InlineData("NewSubfileType 1", BitsPerSample, 8, NewSubfileType, 1)]
    public void A_TIFF_that_would_be_another_picture_is_refused_with_its_tag(string expected, params int[] entries)
    {
        var tiff = Tiff(false, Packed([.. Ramp(12), .. Ramp(12), .. Ramp(12)], 16), [(Photometric, 1), .. entries.Chunk(2).Select(e => (e[0], e[1]))]);
        var message = Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(tiff, "x.tif").Dispose()).Message;
        Assert.StartsWith("x.tif: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bits_in_reverse_order_are_read()
    {
        byte[] reversed = [.. Packed(Ramp(12), 12).Select(b => (byte)Enumerable.Range(0, 8).Sum(i => ((b >> i) & 1) << (7 - i)))];
        using var image = ImageCodec.Decode(Tiff(false, reversed, (BitsPerSample, 12), (Photometric, 1), (FillOrder, 2)), "x.tif");
        Equal(Ramp(12).Select(v => Full(v, 12)), image);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    public void A_PNG_is_scaled_by_its_significant_bits_where_its_writer_has_not_done_so(int bits)
    {
        using var low = ImageCodec.Decode(Png(Ramp(bits), (byte)bits), "x.png");
        Equal(Ramp(bits).Select(v => Full(v, bits)), low);
        // As the specification wants it, also where the whole picture is dark.
        foreach (var divisor in (int[])[1, 20])
        {
            int[] scaled = [.. Ramp(bits).Select(v => Full(v / divisor, bits))];
            using var high = ImageCodec.Decode(Png(scaled, (byte)bits), "x.png");
            Equal(scaled, high);
        }
    }

    [Fact]
    public void A_PNG_without_significant_bits_or_with_sixteen_stays_as_it_is()
    {
        foreach (var significant in (byte?[])[null, 16])
        {
            using var image = ImageCodec.Decode(Png(Ramp(12), significant), "x.png");
            Equal(Ramp(12), image);
        }
    }

    [Fact]
    public void A_file_and_a_camera_give_the_same_samples()
    {
        var values = Ramp(12);
        using var file = ImageCodec.Decode(Tiff(false, Packed(values, 12), (BitsPerSample, 12), (Photometric, 1)), "x.tif");
        using var camera = SensorPixels.Read(SensorPixels.Code("Mono12")!.Value, Packed(values, 16), Width, Height);
        Assert.Equal(camera.Samples16.ToArray(), file.Samples16.ToArray());
    }

    [Fact]
    public void A_mask_of_sixteen_bits_in_which_zero_is_white_is_refused()
    {
        File.WriteAllBytes(_folder.File("mask.tif"), Tiff(false, Packed(Ramp(16), 16), (BitsPerSample, 16), (Photometric, 0)));
        Assert.Contains("0 means white", Assert.Throws<ImageFormatException>(() => ImageCodec.ReadMask(_folder.File("mask.tif"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("mask.tif"), Tiff(false, [.. Ramp(8).Select(v => (byte)v)], (BitsPerSample, 8), (Photometric, 0)));
        Assert.Equal(Ramp(8).Select(v => (byte)(255 - v)), ImageCodec.ReadMask(_folder.File("mask.tif")).Values);
    }

    [Fact]
    public void What_tifffile_writes_is_read_as_tifffile_reads_it()
    {
        Python.Run("write_tiffs.py", ["numpy", "tifffile"], _folder.Path);
        var (expected, shape) = Npy.Read<ushort>(_folder.File("expected.npy"));
        var files = Directory.GetFiles(_folder.Path, "*.tif");
        Assert.Equal(6, files.Length);
        foreach (var file in files)
        {
            using var image = ImageCodec.Read(file);
            Assert.Equal([image.Height, image.Width], shape);
            Assert.True(expected.AsSpan().SequenceEqual(image.Samples16), Path.GetFileName(file));
        }
    }

    [Theory]
    [InlineData(12, "no sample of the 2 images of 16 bits is larger than 4095, 6.2 % of white: if the camera gives 12 bits")]
    [InlineData(10, "gives 10 bits")]
    [InlineData(14, "gives 14 bits")]
    [InlineData(15, null)]
    [InlineData(16, null)]
    public void Images_that_use_only_the_lower_bits_are_doubted(int bits, string? expected)
    {
        var unused = new UnusedBits();
        using var eight = TestPart.Make(255);
        unused.Add(eight);
        Assert.Null(unused.Warning);
        using var image = ImageCodec.Decode(Png(Ramp(bits), null), "x.png");
        unused.Add(image);
        unused.Add(image);
        if (expected is null)
            Assert.Null(unused.Warning);
        else
            Assert.Contains(expected, unused.Warning, StringComparison.Ordinal);
    }

    private static int[] Ramp(int bits) => [.. Enumerable.Range(0, Count).Select(i => i * ((1 << bits) - 1) / (Count - 1))];

    /// <summary>The definition: the value's share of the largest one, up to one step of 65536.</summary>
    private static int Full(int value, int bits) => (int)Math.Floor(value * 65535.0 / ((1 << bits) - 1));

    private static void Equal(IEnumerable<int> expected, Image image)
    {
        Assert.Equal((Width, Height, 1, PixelDepth.Sixteen), (image.Width, image.Height, image.Channels, image.Depth));
        Assert.Equal(expected, image.Samples16.ToArray().Select(v => (int)v), (want, got) => Math.Abs(want - got) <= 1);
    }

    /// <summary>Packs rows of values, highest bits first; 16 bits in the byte order of the file.</summary>
    private static byte[] Packed(int[] values, int bits, bool isBig = false) => bits == 16
        ? [.. values.SelectMany(v => isBig ? (byte[])[(byte)(v >> 8), (byte)v] : [(byte)v, (byte)(v >> 8)])]
        : [.. values.Chunk(Width).SelectMany(row => row.SelectMany(v => Enumerable.Range(1, bits).Select(i => (v >> (bits - i)) & 1)).Chunk(8).Select(b => (byte)b.Select((bit, i) => bit << (7 - i)).Sum()))];

    private static byte[] Tiff(bool isBig, byte[] data, params (int Tag, int Value)[] entries) => TestTiff.Make(Width, Height, data, isBig, entries);

    /// <summary>Makes a grey PNG of 16 bits by changing one that the codec writes.</summary>
    private static byte[] Png(int[] values, byte? significant)
    {
        using var image = new Image(Width, Height, 1, PixelDepth.Sixteen);
        for (var i = 0; i < Count; i++)
            image.Samples16[i] = (ushort)values[i];
        var png = ImageCodec.Encode(image, ImageFormat.Png);
        if (significant is not { } bits)
            return png;
        byte[] body = [.. "sBIT"u8, bits];
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, ImageBombs.Crc(body));
        // Behind the signature and the header.
        return [.. png[..33], 0, 0, 0, 1, .. body, .. crc, .. png[33..]];
    }
}
