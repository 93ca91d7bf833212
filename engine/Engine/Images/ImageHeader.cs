using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>The size that an image file claims in its header, read without decoding anything.</summary>
/// <param name="Format">The name of the file format, for messages.</param>
internal readonly record struct ImageHeader(string Format, long Width, long Height)
{
    /// <summary>Reads the header of a PNG, JPEG, BMP, TIFF or WebP file.</summary>
    /// <returns>Null where it is none of these, or damaged where the size stands.</returns>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                _ when PngChunks.IsPng(file) => new("PNG", BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..])),
                _ when JpegFrame.IsJpeg(file) => JpegFrame.Size(file) is var (width, height) ? new("JPEG", width, height) : null,
                [(byte)'B', (byte)'M', ..] => ReadBmp(file),
                [(byte)'I', (byte)'I', 42 or 43, 0, ..] => ReadTiff(file, isLittle: true),
                [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ReadTiff(file, isLittle: false),
                _ when file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) => ReadWebP(file),
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            // The file ends before its size does.
            return null;
        }
    }

    // The header of OS/2 has 12 bytes and 16-bit sides; all later ones begin alike, and a negative height counts lines from the top.
    private static ImageHeader ReadBmp(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12
        ? new("BMP", BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]))
        : new("BMP", Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[18..])), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..])));

    /// <summary>Reads the first directory of a TIFF (version 42) or BigTIFF (43): tags 256 and 257, each a SHORT, LONG or LONG8.</summary>
    private static ImageHeader? ReadTiff(ReadOnlySpan<byte> file, bool isLittle)
    {
        var isBig = Number(file.Slice(2, 2), isLittle) == 43;
        var directory = file[checked((int)Number(isBig ? file.Slice(8, 8) : file.Slice(4, 4), isLittle))..];
        var (countBytes, entryBytes, valueAt) = isBig ? (8, 20, 12) : (2, 12, 8);
        var count = Number(directory[..countBytes], isLittle);
        var (width, height) = (0L, 0L);
        for (var i = 0; i < count && (width == 0 || height == 0); i++)
        {
            var entry = directory.Slice(countBytes + (i * entryBytes), entryBytes);
            var value = Number(entry.Slice(valueAt, Number(entry.Slice(2, 2), isLittle) switch { 3 => 2, 16 => 8, _ => 4 }), isLittle);
            switch (Number(entry[..2], isLittle))
            {
                case 256: width = value; break;
                case 257: height = value; break;
            }
        }

        return width > 0 && height > 0 ? new("TIFF", width, height) : null;
    }

    private static ImageHeader? ReadWebP(ReadOnlySpan<byte> file)
    {
        if (file[12..].StartsWith("VP8X"u8))
            return new("WebP", 1 + Number(file.Slice(24, 3), isLittle: true), 1 + Number(file.Slice(27, 3), isLittle: true));
        if (file[12..].StartsWith("VP8L"u8))
        {
            var sides = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            return new("WebP", 1 + (sides & 0x3FFF), 1 + ((sides >> 14) & 0x3FFF));
        }

        return file[12..].StartsWith("VP8 "u8)
            ? new("WebP", Number(file.Slice(26, 2), isLittle: true) & 0x3FFF, Number(file.Slice(28, 2), isLittle: true) & 0x3FFF)
            : null;
    }

    /// <exception cref="ArgumentOutOfRangeException">It does not fit 63 bits: no file is that long.</exception>
    private static long Number(ReadOnlySpan<byte> bytes, bool isLittle)
    {
        var value = 0UL;
        for (var i = 0; i < bytes.Length; i++)
            value = (value << 8) | bytes[isLittle ? bytes.Length - 1 - i : i];
        return value <= int.MaxValue || bytes.Length < 8 ? (long)value : throw new ArgumentOutOfRangeException(nameof(bytes));
    }
}
