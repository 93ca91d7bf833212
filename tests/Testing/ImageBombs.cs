using System.Buffers.Binary;
using System.IO.Compression;

namespace MrfAd.Testing;

/// <summary>
/// Makes valid image files that are small or look harmless, and of which a decoder that trusts them makes hundreds of megabytes, or works for minutes. Each is
/// below the 256 megapixels that are decoded where nothing is known about the images.
/// </summary>
public static class ImageBombs
{
    private const int Side = 15_000;

    // Of one row of a file that is to be large in memory only.
    private const int Megabyte = 1_000_000;

    /// <summary>The names of all bombs; each begins with its format.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "png", "png-interlaced", "png-texts", "png-profile", "png-long-data", "png-animated",
        "jpeg", "jpeg-progressive", "jpeg-scans", "jpeg-thumbnail", "jpeg-hidden-frame",
        "tiff", "tiff-big", "tiff-tile", "tiff-strips", "tiff-pages", "tiff-two-widths", "tiff-16-bit",
        "bmp", "bmp-top-down", "bmp-rle", "webp", "webp-animated", "file",
    ];

    public static byte[] Make(string name) => name switch
    {
        "png" => Png(Side, Side, bits: 1, colour: 3),
        "png-interlaced" => Png(Side, Side, bits: 1, colour: 0, interlaced: true),
        "png-texts" => Png(16, 16, chunks: [.. Enumerable.Repeat(Chunk("zTXt"u8, [.. "Comment\0\0"u8, .. Deflated(7 * Megabyte)]), 500).SelectMany(c => c)]),
        "png-profile" => Png(16, 16, chunks: Chunk("iCCP"u8, [.. "p\0\0"u8, .. Deflated(400 * Megabyte)])),
        "png-long-data" => Png(16, 16, dataBytes: 500 * Megabyte),
        "png-animated" => Png(1000, 1000, chunks: Chunk("acTL"u8, [.. Big(1000), .. Big(0)])),
        "jpeg" => Jpeg(Side, Side, 0xC0, scans: 1),
        "jpeg-progressive" => Jpeg(Side, Side, 0xC2, scans: 1),
        "jpeg-scans" => Jpeg(1000, 1000, 0xC2, scans: 3000),
        "jpeg-thumbnail" => [0xFF, 0xD8, .. Segment(0xE1, [.. "Exif\0\0"u8, .. Jpeg(16, 16, 0xC0, scans: 1)]), .. Jpeg(Side, Side, 0xC0, scans: 1)[2..]],
        "jpeg-hidden-frame" => HiddenFrame(),
        "tiff" => Tiff(Side, Side, bits: 1, Deflated((Side + 7) / 8 * Side)),
        "tiff-big" => Tiff(Side, Side, bits: 8, Deflated(Side * Side), isBig: true),
        "tiff-tile" => Tiff(64, 64, bits: 8, Deflated(Side * Side), (322, Side - (Side % 16)), (323, Side - (Side % 16))),
        "tiff-strips" => StripTable(),
        "tiff-pages" => Pages(20_000),
        "tiff-two-widths" => Tiff(Side, 16_000, bits: 1, Deflated((Side + 7) / 8 * 16_000), (256, 16)),
        "tiff-16-bit" => Tiff(1000, 1000, bits: 16, Deflated(1000 * 1000 * 8), (277, 4), (262, 2)),
        "bmp" => Bmp(Side, Side, bits: 24, compression: 0),
        "bmp-top-down" => Bmp(Side, -Side, bits: 8, compression: 0),
        "bmp-rle" => Bmp(Side, Side, bits: 8, compression: 1),
        "webp" => WebP(Side, Side),
        "webp-animated" => [.. "RIFF"u8, .. Little(86), .. "WEBPVP8X"u8, .. Little(10), 2, 0, 0, 0, .. Little(999)[..3], .. Little(999)[..3], .. "ANIM"u8, .. Little(6), 0, 0, 0, 0, 0, 0, .. new byte[60]],
        "file" => [.. Bmp(3000, 1000, bits: 24, compression: 0), .. new byte[20 * Megabyte]],
        _ => throw new ArgumentException($"there is no bomb called {name}"),
    };

    /// <summary>Makes a PNG of zeros.</summary>
    /// <param name="colour">The colour type: 0 grey, 2 RGB, 3 palette.</param>
    /// <param name="chunks">Chunks before the picture.</param>
    /// <param name="dataBytes">The bytes that the data gives; 0 means as many as the picture has.</param>
    private static byte[] Png(int width, int height, byte bits = 8, byte colour = 2, bool interlaced = false, byte[]? chunks = null, long dataBytes = 0)
    {
        var row = 1 + (((width * bits * (colour == 2 ? 3 : 1)) + 7) / 8);
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. Chunk("IHDR"u8, [.. Big(width), .. Big(height), bits, colour, 0, 0, interlaced ? (byte)1 : (byte)0]),
            .. colour == 3 ? Chunk("PLTE"u8, [0, 0, 0, 255, 255, 255]) : [], .. chunks ?? [],
            // Interlaced rows are a little longer.
            .. Chunk("IDAT"u8, Deflated(dataBytes > 0 ? dataBytes : (long)row * height * (interlaced ? 11 : 10) / 10)), .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] content)
    {
        byte[] body = [.. type, .. content];
        return [.. Big(content.Length), .. body, .. Big(unchecked((int)Crc(body)))];
    }

    /// <summary>Makes a grey JPEG in which each block is one bit for its mean and, in a baseline scan, one for the end of the block.</summary>
    /// <param name="frame">The marker of the frame: C0 baseline, C2 progressive.</param>
    private static byte[] Jpeg(int width, int height, byte frame, int scans)
    {
        var blocks = (width + 7) / 8 * ((height + 7) / 8);
        byte[] table = [1, .. new byte[15], 0]; // one code of one bit, for the symbol 0
        List<byte> file = [0xFF, 0xD8, .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]), .. Segment(frame, [8, .. Big16(height), .. Big16(width), 1, 1, 0x11, 0])];
        file.AddRange([.. Segment(0xC4, [0x00, .. table]), .. Segment(0xC4, [0x10, .. table])]);
        var isProgressive = frame == 0xC2;
        file.AddRange([.. Segment(0xDA, [1, 1, 0, 0, isProgressive ? (byte)0 : (byte)63, 0]), .. new byte[((isProgressive ? 1 : 2) * blocks + 7) / 8]]);
        // Each further scan has runs of 16384 empty blocks: the symbol E0, and 14 bits of 0.
        file.AddRange(scans > 1 ? Segment(0xC4, [0x10, 1, .. new byte[15], 0xE0]) : []);
        byte[] run = [.. Segment(0xDA, [1, 1, 0, 1, 63, 0]), .. new byte[((blocks / 16384) + 2) * 2]];
        for (var i = 1; i < scans; i++)
            file.AddRange(run);
        return [.. file, 0xFF, 0xD9];
    }

    /// <summary>Makes a JPEG with two markers before the frame that have no content: a reader that takes what follows for a length finds a small frame within a comment.</summary>
    private static byte[] HiddenFrame()
    {
        // The markers are TEM (FF 01) and RST0 (FF D0), so the length would be FFD0; from TEM's end the comment's content is 6 bytes away.
        byte[] small = [0xFF, 0xC0, .. Big16(11), 8, .. Big16(16), .. Big16(16), 1, 1, 0x11, 0];
        byte[] comment = [.. new byte[0xFFD0 - 6], .. small];
        return [0xFF, 0xD8, 0xFF, 0x01, 0xFF, 0xD0, .. Segment(0xFE, comment), .. Jpeg(Side, Side, 0xC0, scans: 1)[2..]];
    }

    /// <summary>Makes a grey TIFF of one deflated strip, or tile where there are entries for one.</summary>
    /// <param name="more">Further entries, which stand behind those of the same tag.</param>
    private static byte[] Tiff(int width, int height, int bits, byte[] data, params (int Tag, int Value)[] more) => Tiff(width, height, bits, data, isBig: false, more);

    private static byte[] Tiff(int width, int height, int bits, byte[] data, bool isBig, params (int Tag, int Value)[] more)
    {
        var isTiled = more.Any(e => e.Tag == 322);
        List<(int Tag, int Value)> entries =
        [
            (256, width), (257, height), (258, bits), (259, 8), (262, 1), (277, 1), .. isTiled ? [] : ((int, int)[])[(278, height)], .. more,
            (isTiled ? 324 : 273, 0), (isTiled ? 325 : 279, data.Length),
        ];
        // The last of two entries with one value replaces the first but for sides, where both stay.
        entries = [.. entries.GroupBy(e => e.Tag).SelectMany(g => g.Key is 256 ? g : g.TakeLast(1)).OrderBy(e => e.Tag)];
        var start = isBig ? 16 + 8 + (20 * entries.Count) + 8 : 8 + 2 + (12 * entries.Count) + 4;
        List<byte> file = isBig ? [.. "II"u8, 43, 0, 8, 0, 0, 0, .. Little(16), .. Little(0), .. Little(entries.Count), .. Little(0)] : [.. "II"u8, 42, 0, .. Little(8), .. Little(entries.Count)[..2]];
        foreach (var (tag, value) in entries)
        {
            var content = Little(tag is 273 or 324 ? start : value);
            file.AddRange([.. Little(tag)[..2], 4, 0, .. Little(1), .. isBig ? Little(0) : [], .. content, .. isBig ? Little(0) : []]);
        }

        return [.. file, .. isBig ? new byte[8] : new byte[4], .. data];
    }

    /// <summary>Makes a TIFF of 64 lines whose table of strips has a hundred million entries.</summary>
    private static byte[] StripTable()
    {
        var file = Tiff(64, 64, bits: 8, new byte[4096], (259, 1), (278, 1));
        foreach (var tag in (int[])[273, 279])
        {
            for (var at = 10; at < 8 + 2 + (12 * 10); at += 12)
            {
                if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)) == tag)
                    BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 4), 100_000_000);
            }
        }

        return file;
    }

    /// <summary>Makes a TIFF of many small pages that share one strip.</summary>
    private static byte[] Pages(int count)
    {
        (int Tag, int Value)[] entries = [(256, 16), (257, 16), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 16), (279, 256)];
        var page = 2 + (12 * entries.Length) + 4;
        List<byte> file = [.. "II"u8, 42, 0, .. Little(264), .. new byte[256]];
        for (var i = 0; i < count; i++)
        {
            file.AddRange(Little(entries.Length)[..2]);
            foreach (var (tag, value) in entries)
                file.AddRange([.. Little(tag)[..2], 4, 0, .. Little(1), .. Little(value)]);
            file.AddRange(Little(i == count - 1 ? 0 : 264 + ((i + 1) * page)));
        }

        return [.. file];
    }

    private static byte[] Bmp(int width, int height, int bits, int compression)
    {
        var palette = bits == 8 ? 1024 : 0;
        return
        [
            .. "BM"u8, .. Little(0), .. Little(0), .. Little(54 + palette), .. Little(40), .. Little(width), .. Little(height), 1, 0, .. Little(bits)[..2], .. Little(compression),
            .. new byte[20 + palette], 0, 1, 0, 0,
        ];
    }

    /// <summary>Makes a lossless WebP of one colour, whose pixels take no bits at all.</summary>
    private static byte[] WebP(int width, int height)
    {
        var file = Convert.FromBase64String("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");
        var sides = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(21)) & 0xF0000000;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(21), sides | (uint)(width - 1) | ((uint)(height - 1) << 14));
        return file;
    }

    private static byte[] Deflated(long zeros)
    {
        using var file = new MemoryStream();
        using (var deflate = new ZLibStream(file, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var piece = new byte[Megabyte]; zeros > 0; zeros -= piece.Length)
                deflate.Write(piece.AsSpan(0, (int)Math.Min(zeros, piece.Length)));
        }

        return file.ToArray();
    }

    private static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, .. Big16(content.Length + 2), .. content];

    private static byte[] Big(int value) => Written(4, b => BinaryPrimitives.WriteInt32BigEndian(b, value));

    private static byte[] Big16(int value) => Written(2, b => BinaryPrimitives.WriteUInt16BigEndian(b, (ushort)value));

    private static byte[] Little(int value) => Written(4, b => BinaryPrimitives.WriteInt32LittleEndian(b, value));

    private static byte[] Written(int length, Action<byte[]> write)
    {
        var bytes = new byte[length];
        write(bytes);
        return bytes;
    }

    /// <summary>The checksum of a PNG chunk: CRC-32 of its type and content.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }

        return ~crc;
    }
}
