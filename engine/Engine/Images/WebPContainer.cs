using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>The container of a WebP file (RFC 9649, section 2), checked before decoding.</summary>
internal static class WebPContainer
{
    private const byte AnimationFlag = 0x02;

    public static bool IsWebP(ReadOnlySpan<byte> file) => file.StartsWith("RIFF"u8) && file.Length > 8 && file[8..].StartsWith("WEBP"u8);

    /// <exception cref="ImageFormatException">It has several pictures.</exception>
    public static void Check(ReadOnlySpan<byte> file, string name)
    {
        if (file[12..].StartsWith("VP8X"u8) && (file[20] & AnimationFlag) != 0)
            throw new ImageFormatException($"{name}: the WebP image is animated: want one picture");
    }

    /// <summary>Reads the size of the canvas (VP8X) or of the picture (VP8L: lossless, VP8: lossy).</summary>
    /// <returns>Null where there is none of these chunks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The file ends before its size does.</exception>
    public static (long Width, long Height)? Size(ReadOnlySpan<byte> file)
    {
        var content = file[20..];
        if (file[12..].StartsWith("VP8X"u8))
            return (1 + ReadUInt24(content[4..]), 1 + ReadUInt24(content[7..]));
        if (file[12..].StartsWith("VP8L"u8))
        {
            var sides = BinaryPrimitives.ReadUInt32LittleEndian(content[1..]);
            return (1 + (sides & 0x3FFF), 1 + ((sides >> 14) & 0x3FFF));
        }

        return file[12..].StartsWith("VP8 "u8)
            ? (BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & 0x3FFF)
            : null;
    }

    private static long ReadUInt24(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes) | ((long)bytes[2..3][0] << 16);
}
