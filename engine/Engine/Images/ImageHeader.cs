using System.Buffers.Binary;

namespace MrfAd.Engine.Images;

/// <summary>The size that an image file claims in its header, read without decoding anything.</summary>
/// <param name="Format">The name of the file format, for messages.</param>
/// <param name="BytesPerPixel">The bytes of a pixel once decoded: one or three channels of 8 or 16 bits.</param>
internal readonly record struct ImageHeader(string Format, long Width, long Height, int BytesPerPixel = 3)
{
    /// <summary>Reads the header of a PNG, JPEG, BMP, TIFF or WebP file.</summary>
    /// <returns>Null where it is none of these, or damaged where the size stands.</returns>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                _ when PngChunks.IsPng(file) => ReadPng(file),
                _ when JpegFrame.IsJpeg(file) => JpegFrame.Size(file) is var (width, height) ? new("JPEG", width, height) : null,
                [(byte)'B', (byte)'M', ..] => ReadBmp(file),
                _ when TiffDirectory.IsTiff(file) => ReadTiff(TiffDirectory.ReadFirst(file)),
                _ when WebPContainer.IsWebP(file) => WebPContainer.Size(file) is var (width, height) ? new("WebP", width, height) : null,
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            // The file ends before its size does.
            return null;
        }
    }

    private static ImageHeader ReadPng(ReadOnlySpan<byte> file)
    {
        // Behind the signature, the chunk's length and its type: width, height, bits a sample, colour type.
        var header = file.Slice(16, 10);
        var channels = header[9] is 0 or 4 ? 1 : 3;
        return new("PNG", BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]), channels * (header[8] == 16 ? 2 : 1));
    }

    // The header of OS/2 has 12 bytes and 16-bit sides; all later ones begin alike, and a negative height counts lines from the top.
    private static ImageHeader ReadBmp(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12
        ? new("BMP", BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]))
        : new("BMP", Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[18..])), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..])));

    private static ImageHeader? ReadTiff(TiffDirectory directory) => directory is { Width: > 0 and var width, Height: > 0 and var height }
        ? new("TIFF", width, height, (directory.SamplesPerPixel < 3 ? 1 : 3) * (directory.Bits > 8 ? 2 : 1))
        : null;
}
