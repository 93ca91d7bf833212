using MrfAd.Engine.Images;

namespace MrfAd.Engine.Tests.Images;

public sealed class SensorPixelsTests
{
    private const int Width = 8, Height = 6;

    public static TheoryData<string, int> Greys => new()
    {
        { "Mono8", 8 }, { "Mono10", 10 }, { "Mono12", 12 }, { "Mono16", 16 }, { "Mono10Packed", 10 }, { "Mono12Packed", 12 }, { "Mono10p", 10 }, { "Mono12p", 12 },
    };

    [Theory]
    [MemberData(nameof(Greys))]
    public void A_grey_pattern_comes_back_from_each_format_over_the_full_range(string format, int bits)
    {
        var most = (1 << bits) - 1;
        var pattern = Enumerable.Range(0, Width * Height).Select(i => i * most / (Width * Height - 1)).ToArray();

        using var image = SensorPixels.Read(SensorPixels.Code(format)!.Value, Send(pattern, format, bits), Width, Height);

        Assert.Equal((Width, Height, 1, bits == 8 ? PixelDepth.Eight : PixelDepth.Sixteen), (image.Width, image.Height, image.Channels, image.Depth));
        var got = bits == 8 ? image.Bytes.ToArray().Select(v => (int)v) : image.Samples16.ToArray().Select(v => (int)v);
        Assert.Equal(pattern.Select(v => bits == 8 ? v : (int)Math.Floor(v * 65535.0 / most)), got, (want, have) => Math.Abs(want - have) <= 1);
        Assert.Equal(bits == 8 ? 255 : 65535, got.Last());
    }

    [Theory]
    [InlineData("RGB8", 10, 20, 30)]
    [InlineData("BGR8", 30, 20, 10)]
    public void Colours_come_out_as_red_green_blue(string format, byte first, byte second, byte third)
    {
        byte[] sent = [.. Enumerable.Range(0, Width * Height).SelectMany(_ => (byte[])[first, second, third])];

        using var image = SensorPixels.Read(SensorPixels.Code(format)!.Value, sent, Width, Height);

        Assert.Equal([10, 20, 30], image.Bytes[..3].ToArray());
        Assert.Equal([10, 20, 30], image.Bytes[^3..].ToArray());
    }

    [Theory]
    [InlineData("RG", 0, 1, 1, 2)]
    [InlineData("GR", 1, 0, 2, 1)]
    [InlineData("GB", 1, 2, 0, 1)]
    [InlineData("BG", 2, 1, 1, 0)]
    public void A_mosaic_of_one_colour_becomes_that_colour(string order, params int[] channels)
    {
        int[] colour = [200, 100, 50];
        var mosaic = Enumerable.Range(0, Width * Height).Select(i => colour[channels[(i / Width % 2 * 2) + (i % Width % 2)]]).ToArray();
        (string Format, int Bits)[] formats = [("8", 8), ("10", 10), ("12", 12), ("12Packed", 12), ("12p", 12), ("16", 16)];
        foreach (var (name, bits) in formats)
        {
            var format = $"Bayer{order}{name}";
            var sent = mosaic.Select(v => v << (bits - 8)).ToArray();

            using var image = SensorPixels.Read(SensorPixels.Code(format)!.Value, Send(sent, name.StartsWith("12", StringComparison.Ordinal) ? $"Mono{name}" : $"Mono{bits}", bits), Width, Height);

            for (var i = 0; i < Width * Height * 3; i++)
                Assert.Equal(colour[i % 3], bits == 8 ? image.Bytes[i] : image.Samples16[i] >> 8);
        }
    }

    [Fact]
    public void A_format_that_is_not_known_and_a_frame_that_is_too_short_are_named()
    {
        Assert.Contains("0x0108FFFF", Assert.Throws<ImageFormatException>(() => SensorPixels.Read(0x0108FFFF, new byte[64], 8, 8)).Message, StringComparison.Ordinal);
        Assert.Contains("8x8 Mono16 needs 128 bytes, got 127", Assert.Throws<ImageFormatException>(() => SensorPixels.Read(0x01100007, new byte[127], 8, 8)).Message, StringComparison.Ordinal);
    }

    /// <summary>Packs values bit by bit, as the standard draws the formats.</summary>
    private static byte[] Send(int[] values, string format, int bits)
    {
        if (format.EndsWith("Packed", StringComparison.Ordinal))
        {
            return [.. values.Chunk(2).SelectMany(pair => (byte[])
            [
                (byte)(pair[0] >> (bits - 8)),
                (byte)((pair[0] & ((1 << (bits - 8)) - 1)) | ((pair[1] & ((1 << (bits - 8)) - 1)) << 4)),
                (byte)(pair[1] >> (bits - 8)),
            ])];
        }

        if (format.EndsWith('p'))
        {
            var stream = new bool[values.Length * bits];
            for (var i = 0; i < stream.Length; i++)
                stream[i] = (values[i / bits] >> (i % bits) & 1) != 0;
            return [.. stream.Chunk(8).Select(b => (byte)b.Select((bit, i) => bit ? 1 << i : 0).Sum())];
        }

        return bits == 8 ? [.. values.Select(v => (byte)v)] : [.. values.SelectMany(v => (byte[])[(byte)v, (byte)(v >> 8)])];
    }
}
