using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>
/// The markers of a JPEG file (ISO/IEC 10918-1, annex B), checked before decoding: the decoder allocates the memory that the frame header claims, goes over
/// the whole picture for each scan, and fills with grey what is missing.
/// </summary>
internal static class JpegFrame
{
    // A block of 64 pixels takes at least one bit for its mean, so one byte gives at most this many pixels.
    private const long MaxPixelsPerByte = 64 * 8;

    // Encoders write ten scans of a progressive image, optimising ones up to some thirty. A file of a megabyte can have ten thousand, each of the whole picture.
    private const int MaxScans = 100;

    private const byte StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA;

    public static bool IsJpeg(ReadOnlySpan<byte> encoded) => encoded.StartsWith([(byte)0xFF, StartOfImage, (byte)0xFF]);

    /// <exception cref="ImageFormatException">The picture is larger than its bytes can hold, cut off, or has too many scans.</exception>
    public static void Check(ReadOnlySpan<byte> jpeg, string name)
    {
        if (Size(jpeg) is var (width, height) && (long)width * height > MaxPixelsPerByte * jpeg.Length)
            throw new ImageFormatException($"{name}: JPEG is damaged: it claims {width}×{height} pixels, more than its {jpeg.Length} bytes can hold");
        var (frames, scans) = (0, 0);
        for (var at = 2; NextMarker(jpeg, ref at) is { } marker;)
        {
            frames += IsFrame(marker) ? 1 : 0;
            if (frames > 1)
                throw new ImageFormatException($"{name}: JPEG is damaged: it has two frame headers");
            scans += marker == StartOfScan ? 1 : 0;
            if (scans > MaxScans)
                throw new ImageFormatException($"{name}: JPEG has too many scans: want at most {MaxScans}");
            if (marker == EndOfImage)
                return;
            if (!IsAlone(marker))
                at += at + 2 <= jpeg.Length ? BinaryPrimitives.ReadUInt16BigEndian(jpeg[at..]) : 2;
        }

        throw new ImageFormatException($"{name}: JPEG is cut off after {jpeg.Length} bytes (no end marker)");
    }

    /// <summary>Reads the size that the frame header claims; an image within a segment, such as a thumbnail, is not the picture.</summary>
    /// <returns>Null where the picture ends, or something without the form of a marker stands, before any frame header.</returns>
    public static (int Width, int Height)? Size(ReadOnlySpan<byte> jpeg)
    {
        // A segment is a marker of two bytes, a length of two bytes that counts itself, and content. Anything else is left to the decoder to refuse.
        for (var at = 2; at + 9 <= jpeg.Length && jpeg[at] == 0xFF;)
        {
            var marker = jpeg[at + 1];
            if (marker is StartOfImage or EndOfImage or StartOfScan)
                return null;
            // A frame header is a byte of precision, the height, the width.
            if (IsFrame(marker))
                return (BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 5)..]));
            at += marker == 0xFF ? 1 // a fill byte
                : IsAlone(marker) ? 2
                : 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }

        return null;
    }

    /// <summary>Finds the next marker; the data of a scan has none but restarts.</summary>
    /// <param name="at">The place to search from; afterwards the first byte behind the marker.</param>
    private static byte? NextMarker(ReadOnlySpan<byte> jpeg, ref int at)
    {
        while (at < jpeg.Length - 1)
        {
            var next = jpeg[at..^1].IndexOf((byte)0xFF);
            if (next < 0)
                return null;
            at += next + 1;
            // FF 00 stands for a byte FF of the data, FF FF begins with a fill byte.
            if (jpeg[at] is not (0x00 or 0xFF))
                return jpeg[at++];
        }

        return null;
    }

    // Markers C0 to CF, but for three, begin a frame.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    // Restarts (D0 to D7), start and end of the image, and TEM have no content.
    private static bool IsAlone(byte marker) => marker is (>= 0xD0 and <= 0xD9) or 0x01;
}
