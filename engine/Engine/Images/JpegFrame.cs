using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>The frame header of a JPEG file (ISO/IEC 10918-1, B.2.2), checked before decoding, because the decoder allocates the memory that it claims.</summary>
internal static class JpegFrame
{
    // A block of 64 pixels takes at least one bit for its mean, so one byte gives at most this many pixels.
    private const long MaxPixelsPerByte = 64 * 8;

    public static bool IsJpeg(ReadOnlySpan<byte> encoded) => encoded.StartsWith([(byte)0xFF, (byte)0xD8, (byte)0xFF]);

    /// <exception cref="ImageFormatException">The picture is larger than its bytes can hold.</exception>
    public static void Check(ReadOnlySpan<byte> jpeg, string name)
    {
        if (Size(jpeg) is var (width, height) && (long)width * height > MaxPixelsPerByte * jpeg.Length)
            throw new ImageFormatException($"{name}: JPEG is damaged: it claims {width}×{height} pixels, more than its {jpeg.Length} bytes can hold");
    }

    /// <summary>Reads the size that the first frame header claims.</summary>
    /// <returns>Null where a segment without the form of one comes before any frame header.</returns>
    public static (int Width, int Height)? Size(ReadOnlySpan<byte> jpeg)
    {
        // A segment is a marker of two bytes, a length of two bytes that counts itself, and content. Anything else is left to the decoder to refuse.
        for (var at = 2; at + 9 <= jpeg.Length && jpeg[at] == 0xFF;)
        {
            var marker = jpeg[at + 1];
            if (marker == 0xFF)
            {
                at++; // a fill byte
                continue;
            }

            // Markers C0 to CF, but for three, begin a frame: a byte of precision, the height, the width.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 5)..]));

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }

        return null;
    }
}
