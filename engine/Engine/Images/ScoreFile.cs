using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>
/// Maps of floating-point scores as files: TIFF (16, 32 and 64 bit floats, one channel; strips, plain or deflated) and NumPy's <c>.npy</c>.
/// Files are written in the form that MVTec AD 2's benchmark server accepts: TIFF with one channel of float16, uncompressed.
/// </summary>
public static class ScoreFile
{
    // TIFF 6.0, section 8, and its "SampleFormat" (section 19).
    private const ushort ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, Photometric = 262, StripOffsets = 273,
        SamplesPerPixel = 277, RowsPerStrip = 278, StripByteCounts = 279, Predictor = 317, TileWidth = 322, SampleFormat = 339;

    private const int Plain = 1, Deflate = 8, OldDeflate = 32946, FloatingPoint = 3, BlackIsZero = 1;
    private const ushort Short = 3, Long = 4;

    // Deflate's own limit: a file that claims a higher ratio is damaged.
    private const long MaxDeflateRatio = 1032;

    /// <summary>The file name extensions that can be read, in the order in which they are searched for.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".tiff", ".tif", ".npy"];

    /// <summary>Encodes scores as TIFF: one strip of float16, little-endian. Scores beyond ±65504 become infinite.</summary>
    /// <param name="scores">The scores, [H·W], row-major.</param>
    public static byte[] EncodeTiff16(ReadOnlySpan<float> scores, int width, int height)
    {
        (ushort Tag, ushort Type, uint Value)[] entries =
        [
            (ImageWidth, Long, (uint)width), (ImageLength, Long, (uint)height), (BitsPerSample, Short, 16), (Compression, Short, Plain), (Photometric, Short, BlackIsZero),
            (StripOffsets, Long, 0), (SamplesPerPixel, Short, 1), (RowsPerStrip, Long, (uint)height), (StripByteCounts, Long, (uint)(2 * scores.Length)), (SampleFormat, Short, FloatingPoint),
        ];
        var data = 8 + 2 + (12 * entries.Length) + 4;
        var bytes = new byte[data + (2 * scores.Length)];
        var at = bytes.AsSpan();
        "II*\0"u8.CopyTo(at);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], 8);
        BinaryPrimitives.WriteUInt16LittleEndian(at[8..], (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = at[(10 + (12 * i))..];
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[i].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Tag == StripOffsets ? (uint)data : entries[i].Value);
        }

        for (var i = 0; i < scores.Length; i++)
            BinaryPrimitives.WriteHalfLittleEndian(at[(data + (2 * i))..], (Half)scores[i]);
        return bytes;
    }

    /// <returns>The scores, [H·W], row-major, with width and height in pixels.</returns>
    /// <exception cref="ImageFormatException">The file is not a map of floating-point scores, has an unsupported form, is damaged, or holds infinity or NaN.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (float[] Scores, int Width, int Height) Read(string path)
    {
        var bytes = UserFiles.ReadBytes(path);
        try
        {
            var map = bytes is [0x93, (byte)'N', (byte)'U', ..] ? ReadNpy(bytes, path) : ReadTiff(bytes, path);
            return Array.TrueForAll(map.Scores, float.IsFinite) ? map : throw new ImageFormatException($"{path}: holds scores that are infinite or not a number (float16 ends at 65504)");
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or InvalidDataException or FormatException or OverflowException)
        {
            throw new ImageFormatException($"{path}: damaged, or not a map of scores ({e.Message})");
        }
    }

    private static (float[] Scores, int Width, int Height) ReadNpy(byte[] bytes, string path)
    {
        var start = bytes[6] == 1 ? 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : 12 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        var header = Encoding.ASCII.GetString(bytes.AsSpan(0, start)[10..]);
        var size = header.Contains("'<f2'", StringComparison.Ordinal) ? 2 : header.Contains("'<f4'", StringComparison.Ordinal) ? 4 : header.Contains("'<f8'", StringComparison.Ordinal) ? 8
            : throw new ImageFormatException($"{path}: want an array of <f2, <f4 or <f8, got {header.Trim()}");
        var open = header.IndexOf('(', StringComparison.Ordinal) + 1;
        var shape = header[open..header.IndexOf(')', StringComparison.Ordinal)]
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        if (shape is not [> 0 and var height, > 0 and var width] || header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw new ImageFormatException($"{path}: want an array [H, W] in C order, got {header.Trim()}");
        return (Floats(bytes.AsSpan(start), checked(width * height), size, bigEndian: false, path), width, height);
    }

    private static (float[] Scores, int Width, int Height) ReadTiff(byte[] bytes, string path)
    {
        var big = bytes.AsSpan().StartsWith("MM\0*"u8);
        if (!big && !bytes.AsSpan().StartsWith("II*\0"u8))
            throw new ImageFormatException($"{path}: neither TIFF nor .npy");
        var directory = (int)U32(4);
        var tags = new Dictionary<int, long[]>();
        for (var i = 0; i < U16(directory); i++)
        {
            var entry = directory + 2 + (12 * i);
            var (type, count) = (U16(entry + 2), (int)Math.Min(U32(entry + 4), (uint)bytes.Length));
            if (type is not (Short or Long))
                continue;
            var size = type == Short ? 2 : 4;
            var from = count * size <= 4 ? entry + 8 : (int)U32(entry + 8);
            tags[U16(entry)] = [.. Enumerable.Range(0, count).Select(v => type == Short ? U16(from + (v * size)) : U32(from + (v * size)))];
        }

        var (width, height) = (checked((int)One(ImageWidth)), checked((int)One(ImageLength)));
        var (bits, compression) = ((int)One(BitsPerSample, 1), One(Compression, Plain));
        if (One(SamplesPerPixel, 1) != 1 || One(SampleFormat, 1) != FloatingPoint || bits is not (16 or 32 or 64))
            throw new ImageFormatException($"{path}: want one channel of 16, 32 or 64 bit floats, got {One(SamplesPerPixel, 1)} of {bits} bit in format {One(SampleFormat, 1)}");
        if (tags.ContainsKey(TileWidth) || One(Predictor, 1) != 1 || compression is not (Plain or Deflate or OldDeflate))
            throw new ImageFormatException($"{path}: want strips without a predictor, plain or deflated; got compression {compression}, predictor {One(Predictor, 1)}{(tags.ContainsKey(TileWidth) ? ", tiles" : "")}");
        var samples = checked(width * height);
        if (width < 1 || height < 1 || (long)samples * bits / 8 > bytes.Length * (compression == Plain ? 1 : MaxDeflateRatio))
            throw new ImageFormatException($"{path}: a {width}x{height} map of {bits} bit does not fit its {bytes.Length} bytes");
        using var data = new MemoryStream();
        foreach (var (offset, length) in All(StripOffsets).Zip(All(StripByteCounts)))
        {
            var strip = bytes.AsSpan(checked((int)offset), checked((int)length));
            if (compression == Plain)
            {
                data.Write(strip);
                continue;
            }

            using var inflate = new ZLibStream(new MemoryStream(bytes, (int)offset, (int)length), CompressionMode.Decompress);
            inflate.CopyTo(data);
        }

        return (Floats(data.GetBuffer().AsSpan(0, (int)data.Length), samples, bits / 8, big, path), width, height);

        ushort U16(int at) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
        uint U32(int at) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
        long[] All(int tag) => tags.TryGetValue(tag, out var values) && values.Length > 0 ? values : throw new ImageFormatException($"{path}: TIFF tag {tag} is missing");
        long One(int tag, long? otherwise = null) => otherwise is { } value && !tags.ContainsKey(tag) ? value : All(tag)[0];
    }

    private static float[] Floats(ReadOnlySpan<byte> bytes, int count, int size, bool bigEndian, string path)
    {
        if (bytes.Length != (long)count * size)
            throw new ImageFormatException($"{path}: want {(long)count * size} bytes of scores, got {bytes.Length}");
        var scores = new float[count];
        for (var i = 0; i < count; i++)
        {
            var at = bytes[(i * size)..];
            scores[i] = (size, bigEndian) switch
            {
                (2, false) => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                (2, true) => (float)BinaryPrimitives.ReadHalfBigEndian(at),
                (4, false) => BinaryPrimitives.ReadSingleLittleEndian(at),
                (4, true) => BinaryPrimitives.ReadSingleBigEndian(at),
                (_, false) => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                _ => (float)BinaryPrimitives.ReadDoubleBigEndian(at),
            };
        }

        return scores;
    }
}
