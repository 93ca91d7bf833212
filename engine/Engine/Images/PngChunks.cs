using System.Buffers.Binary;
using System.Text;

namespace MrfAd.Engine.Images;

/// <summary>
/// Checks the chunks of a PNG file (PNG specification, section 5.3) before it is decoded: the decoder allocates the memory that a chunk or the header
/// claims, gigabytes for a file of a hundred bytes with one damaged bit, and it expands each compressed text and colour profile to megabytes.
/// </summary>
internal static class PngChunks
{
    // The bytes of length and type before a chunk's content, and of the checksum after it.
    private const int Before = 8, After = 4;

    // Deflate's own limit: one byte gives at most this many.
    private const long MaxDeflateRatio = 1032;

    private const int MaxBytesPerRow = 64, MinDataBytes = 65_536;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    public static bool IsPng(ReadOnlySpan<byte> encoded) => encoded.StartsWith(Signature);

    /// <exception cref="ImageFormatException">A chunk is longer than the file, the last chunk is missing, the picture is larger than its bytes can hold, or there are several pictures.</exception>
    public static void Check(ReadOnlySpan<byte> png, string name)
    {
        var (data, maxData) = (0L, 0L);
        for (var at = Signature.Length; at <= png.Length - Before - After;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            var type = png.Slice(at + 4, 4);
            if (length > png.Length - at - Before - After)
                throw new ImageFormatException($"{name}: PNG is damaged or cut off: chunk '{Encoding.Latin1.GetString(type)}' at byte {at} claims {length} bytes, the file has {png.Length}");
            var content = png.Slice(at + Before, (int)length);
            if (type.SequenceEqual("IHDR"u8))
                maxData = MaxDataBytes(content, png.Length, name);
            data += type.SequenceEqual("IDAT"u8) ? length : 0;
            if (type.SequenceEqual("acTL"u8))
                throw new ImageFormatException($"{name}: the PNG image is animated: want one picture");
            if (type.SequenceEqual("IEND"u8))
            {
                // The decoder inflates what follows the picture, too: a thousand times its size.
                if (data > maxData)
                    throw new ImageFormatException($"{name}: PNG is damaged: its data has {data} bytes, the picture takes at most {maxData}");
                return;
            }

            at += Before + (int)length + After;
        }

        throw new ImageFormatException($"{name}: PNG is cut off after {png.Length} bytes (no end chunk)");
    }

    /// <summary>Returns the significant bits of a sample that the chunk <c>sBIT</c> gives, the largest of its colours; null without one, or for a palette.</summary>
    /// <param name="png">A file that has been checked.</param>
    public static int? SignificantBits(ReadOnlySpan<byte> png)
    {
        var (colours, bits) = (png[25] switch { 0 or 4 => 1, 2 or 6 => 3, _ => 0 }, 0);
        for (var at = Signature.Length; at <= png.Length - Before - After; at += Length(png, at))
        {
            if (!png.Slice(at + 4, 4).SequenceEqual("sBIT"u8))
                continue;
            foreach (var colour in png.Slice(at + Before, Math.Min(colours, Length(png, at) - Before - After)))
                bits = Math.Max(bits, colour);
            return bits > 0 ? bits : null;
        }

        return null;
    }

    /// <summary>Returns the file without what does not change the picture: texts, profiles and all other ancillary chunks.</summary>
    /// <param name="png">A file that has been checked.</param>
    /// <returns>The same bytes where there is nothing to leave out.</returns>
    public static ReadOnlySpan<byte> WithoutMetadata(ReadOnlySpan<byte> png)
    {
        var kept = Signature.Length;
        for (var at = Signature.Length; at <= png.Length - Before - After; at += Length(png, at))
            kept += IsOfPicture(png.Slice(at + 4, 4)) ? Length(png, at) : 0;
        if (kept >= png.Length)
            return png;
        var picture = new byte[kept];
        Signature.CopyTo(picture);
        var end = Signature.Length;
        for (var at = Signature.Length; at <= png.Length - Before - After; at += Length(png, at))
        {
            if (!IsOfPicture(png.Slice(at + 4, 4)))
                continue;
            png.Slice(at, Length(png, at)).CopyTo(picture.AsSpan(end));
            end += Length(png, at);
            if (png.Slice(at + 4, 4).SequenceEqual("IEND"u8))
                break; // what follows is no chunk of this image
        }

        return picture.AsSpan(0, end);
    }

    // A type that begins with a capital is critical to the picture. Of the others tRNS holds its transparency and eXIf its orientation.
    private static bool IsOfPicture(ReadOnlySpan<byte> type) => char.IsAsciiLetterUpper((char)type[0]) || type.SequenceEqual("tRNS"u8) || type.SequenceEqual("eXIf"u8);

    // A chunk behind the last one may claim any length.
    private static int Length(ReadOnlySpan<byte> png, int at) =>
        (int)Math.Min(Before + (long)BinaryPrimitives.ReadUInt32BigEndian(png[at..]) + After, png.Length - at);

    /// <param name="header">The content of the header chunk: width, height, bits a sample, colour type, and more.</param>
    /// <returns>The largest size of the compressed data: that of the rows, and what deflate adds where it cannot compress.</returns>
    private static long MaxDataBytes(ReadOnlySpan<byte> header, int fileLength, string name)
    {
        if (header.Length != 13)
            throw new ImageFormatException($"{name}: PNG is damaged: want a header of 13 bytes, got {header.Length}");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        var samples = header[9] switch
        {
            2 => 3, // RGB
            4 => 2, // grey and alpha
            6 => 4, // RGB and alpha
            _ => 1, // grey, palette
        };
        var bytes = (decimal)width * height * samples * header[8] / 8;
        if (bytes > MaxDeflateRatio * fileLength)
            throw new ImageFormatException($"{name}: PNG is damaged: it claims {width}×{height} pixels, more than its {fileLength} bytes can hold");
        // A row has a byte more for its filter, and an interlaced one is stored in pieces; some writers end a block of deflate at each row.
        return (long)(bytes * 9 / 8) + (height * (long)MaxBytesPerRow) + MinDataBytes;
    }
}
