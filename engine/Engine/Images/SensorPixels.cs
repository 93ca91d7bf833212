using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>
/// Converts pixels as cameras send them (GenICam's Pixel Format Naming Convention 2.x) to images: 10 and 12 bits are scaled to the full 16, Bayer
/// mosaics are interpolated (bilinear), BGR becomes RGB. One pass from the driver's memory to the image's.
/// </summary>
public static class SensorPixels
{
    private const uint BitsOfPixel = 0x00FF0000;

    /// <param name="code">The 32-bit PFNC code of the pixel format.</param>
    /// <param name="data">The bytes as the camera sends them; lines are not padded.</param>
    /// <exception cref="ImageFormatException">The format is not known, or there are too few bytes.</exception>
    public static Image Read(uint code, ReadOnlySpan<byte> data, int width, int height)
    {
        if (!Formats.TryGetValue(code, out var format))
            throw new ImageFormatException($"pixel format 0x{code:X8} is not known; known are {string.Join(", ", Formats.Values.Select(f => f.Name))}");
        var bytes = (((long)width * height * (code & BitsOfPixel) >> 16) + 7) / 8;
        if (data.Length < bytes)
            throw new ImageFormatException($"{width}x{height} {format.Name} needs {bytes} bytes, got {data.Length}");
        data = data[..(int)bytes];

        if (format.Bayer is { } bayer)
        {
            if (format.Packing == Packing.Bytes)
                return Debayered(data, width, height, PixelDepth.Eight, bayer);
            using var mosaic = Unpacked(data, width, height, format);
            return Debayered(mosaic.Bytes, width, height, PixelDepth.Sixteen, bayer);
        }

        if (format.Packing != Packing.Bytes)
            return Unpacked(data, width, height, format);
        var image = new Image(width, height, format.Channels);
        if (format.IsBgr)
            Reverse(data, image.Bytes);
        else
            data.CopyTo(image.Bytes);
        return image;
    }

    /// <returns>The PFNC code of a pixel format's name; null where the name is not known.</returns>
    public static uint? Code(string name)
    {
        foreach (var (code, format) in Formats)
        {
            if (format.Name == name)
                return code;
        }

        return null;
    }

    private enum Packing
    {
        /// <summary>8 bits a sample.</summary>
        Bytes,

        /// <summary>10, 12 or 16 bits in two bytes, little-endian, lowest bits first.</summary>
        Words,

        /// <summary>GigE Vision's 10Packed and 12Packed: two pixels in three bytes, the high eight bits of each in the outer bytes, the rest in the middle one.</summary>
        Outside,

        /// <summary>PFNC's p: bits one after the other, lowest first.</summary>
        Stream,
    }

    private sealed record Format(string Name, Packing Packing, int Bits, BayerOrder? Bayer = null, int Channels = 1, bool IsBgr = false);

    // Codes: PFNC values, list of the EMVA.
    private static readonly Dictionary<uint, Format> Formats = new()
    {
        [0x01080001] = new("Mono8", Packing.Bytes, 8),
        [0x01100003] = new("Mono10", Packing.Words, 10),
        [0x010C0004] = new("Mono10Packed", Packing.Outside, 10),
        [0x010A0046] = new("Mono10p", Packing.Stream, 10),
        [0x01100005] = new("Mono12", Packing.Words, 12),
        [0x010C0006] = new("Mono12Packed", Packing.Outside, 12),
        [0x010C0047] = new("Mono12p", Packing.Stream, 12),
        [0x01100007] = new("Mono16", Packing.Words, 16),
        [0x02180014] = new("RGB8", Packing.Bytes, 8, Channels: 3),
        [0x02180015] = new("BGR8", Packing.Bytes, 8, Channels: 3, IsBgr: true),
        [0x01080008] = new("BayerGR8", Packing.Bytes, 8, BayerOrder.GreenRed),
        [0x01080009] = new("BayerRG8", Packing.Bytes, 8, BayerOrder.RedGreen),
        [0x0108000A] = new("BayerGB8", Packing.Bytes, 8, BayerOrder.GreenBlue),
        [0x0108000B] = new("BayerBG8", Packing.Bytes, 8, BayerOrder.BlueGreen),
        [0x0110000C] = new("BayerGR10", Packing.Words, 10, BayerOrder.GreenRed),
        [0x0110000D] = new("BayerRG10", Packing.Words, 10, BayerOrder.RedGreen),
        [0x0110000E] = new("BayerGB10", Packing.Words, 10, BayerOrder.GreenBlue),
        [0x0110000F] = new("BayerBG10", Packing.Words, 10, BayerOrder.BlueGreen),
        [0x01100010] = new("BayerGR12", Packing.Words, 12, BayerOrder.GreenRed),
        [0x01100011] = new("BayerRG12", Packing.Words, 12, BayerOrder.RedGreen),
        [0x01100012] = new("BayerGB12", Packing.Words, 12, BayerOrder.GreenBlue),
        [0x01100013] = new("BayerBG12", Packing.Words, 12, BayerOrder.BlueGreen),
        [0x010C002A] = new("BayerGR12Packed", Packing.Outside, 12, BayerOrder.GreenRed),
        [0x010C002B] = new("BayerRG12Packed", Packing.Outside, 12, BayerOrder.RedGreen),
        [0x010C002C] = new("BayerGB12Packed", Packing.Outside, 12, BayerOrder.GreenBlue),
        [0x010C002D] = new("BayerBG12Packed", Packing.Outside, 12, BayerOrder.BlueGreen),
        [0x010C0053] = new("BayerBG12p", Packing.Stream, 12, BayerOrder.BlueGreen),
        [0x010C0055] = new("BayerGB12p", Packing.Stream, 12, BayerOrder.GreenBlue),
        [0x010C0057] = new("BayerGR12p", Packing.Stream, 12, BayerOrder.GreenRed),
        [0x010C0059] = new("BayerRG12p", Packing.Stream, 12, BayerOrder.RedGreen),
        [0x0110002E] = new("BayerGR16", Packing.Words, 16, BayerOrder.GreenRed),
        [0x0110002F] = new("BayerRG16", Packing.Words, 16, BayerOrder.RedGreen),
        [0x01100030] = new("BayerGB16", Packing.Words, 16, BayerOrder.GreenBlue),
        [0x01100031] = new("BayerBG16", Packing.Words, 16, BayerOrder.BlueGreen),
    };

    private static Image Debayered(ReadOnlySpan<byte> mosaic, int width, int height, PixelDepth depth, BayerOrder order)
    {
        var image = new Image(width, height, 3, depth);
        OpenCv.Debayer(mosaic, order, image);
        return image;
    }

    private static Image Unpacked(ReadOnlySpan<byte> data, int width, int height, Format format)
    {
        var image = new Image(width, height, 1, PixelDepth.Sixteen);
        var samples = image.Samples16;
        switch (format.Packing)
        {
            case Packing.Words when format.Bits == 16 && BitConverter.IsLittleEndian:
                data.CopyTo(image.Bytes);
                break;
            case Packing.Words:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = SampleScale.Full(BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * i)..]), format.Bits);
                break;
            case Packing.Outside:
                ReadOutside(data, samples, format.Bits);
                break;
            default:
                ReadStream(data, samples, format.Bits);
                break;
        }

        return image;
    }

    private static void ReadOutside(ReadOnlySpan<byte> data, Span<ushort> samples, int bits)
    {
        // The first pixel's low bits are the middle byte's low ones, the second's begin at bit 4.
        var mask = (1 << (bits - 8)) - 1;
        for (var i = 0; i < samples.Length; i++)
        {
            var at = 3 * (i / 2);
            var (high, low) = (i & 1) == 0 ? (data[at], data[at + 1]) : (data[at + 2], data[at + 1] >> 4);
            samples[i] = SampleScale.Full((high << (bits - 8)) | (low & mask), bits);
        }
    }

    private static void ReadStream(ReadOnlySpan<byte> data, Span<ushort> samples, int bits)
    {
        var mask = (1 << bits) - 1;
        var (held, count, at) = (0, 0, 0);
        for (var i = 0; i < samples.Length; i++)
        {
            for (; count < bits; count += 8)
                held |= data[at++] << count;
            samples[i] = SampleScale.Full(held & mask, bits);
            (held, count) = (held >> bits, count - bits);
        }
    }

    private static void Reverse(ReadOnlySpan<byte> bgr, Span<byte> rgb)
    {
        for (var i = 0; i + 2 < bgr.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (bgr[i + 2], bgr[i + 1], bgr[i]);
    }
}
