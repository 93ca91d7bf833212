using System.Buffers.Binary;
using System.Text;

namespace MrfAd.Engine.Images;

/// <summary>
/// Checks the chunks of a PNG file (PNG specification, section 5.3) before it is decoded: the decoder allocates the memory that a chunk or the header
/// claims, gigabytes for a file of a hundred bytes with one damaged bit.
/// </summary>
internal static class PngChunks
{
    // The bytes of length and type before a chunk's content, and of the checksum after it.
    private const int Before = 8, After = 4;

    // Deflate's own limit: one byte gives at most this many.
    private const long MaxDeflateRatio = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    public static bool IsPng(ReadOnlySpan<byte> encoded) => encoded.StartsWith(Signature);

    /// <exception cref="ImageFormatException">A chunk is longer than the file, the last chunk is missing, or the picture is larger than its bytes can hold.</exception>
    public static void Check(ReadOnlySpan<byte> png, string name)
    {
        for (var at = Signature.Length; at <= png.Length - Before - After;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            var type = png.Slice(at + 4, 4);
            if (length > png.Length - at - Before - After)
                throw new ImageFormatException($"{name}: PNG is damaged or cut off: chunk '{Encoding.Latin1.GetString(type)}' at byte {at} claims {length} bytes, the file has {png.Length}");
            var content = png.Slice(at + Before, (int)length);
            if (type.SequenceEqual("IHDR"u8))
                CheckSize(content, png.Length, name);
            if (type.SequenceEqual("IEND"u8))
                return;
            at += Before + (int)length + After;
        }

        throw new ImageFormatException($"{name}: PNG is cut off after {png.Length} bytes (no end chunk)");
    }

    /// <param name="header">The content of the header chunk: width, height, bits a sample, colour type, and more.</param>
    private static void CheckSize(ReadOnlySpan<byte> header, int fileLength, string name)
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
    }
}
