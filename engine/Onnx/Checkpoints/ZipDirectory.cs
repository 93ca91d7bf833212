using System.Buffers.Binary;
using System.Text;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Checkpoints;

/// <summary>
/// The directory of a ZIP archive whose files are stored and not compressed, as PyTorch writes it; so no content can be larger than the archive.
/// </summary>
internal sealed unsafe class ZipDirectory(string path, byte* start, long length)
{
    private const int EndLength = 22;
    private const int MaxCommentLength = 65_535;

    /// <exception cref="TensorFormatException">The archive is damaged, a file in it is compressed, encrypted or named twice, or two files overlap.</exception>
    public Dictionary<string, ZipEntryPlace> Read()
    {
        var (count, at, size) = FindDirectory();
        if (at < 0 || size < 0 || at > length - size)
            throw Damaged($"its directory claims {size} bytes at {at}, the file has {length}");
        var end = at + size;
        var places = new Dictionary<string, ZipEntryPlace>();
        var directory = at;
        for (long i = 0; i < count; i++)
        {
            var entry = Bytes(at, 46, end);
            if (U32(entry, 0) != 0x02014b50)
                throw Damaged($"entry {i} of its directory has no signature");
            var (nameLength, extraLength, commentLength) = (U16(entry, 28), U16(entry, 30), U16(entry, 32));
            var name = Encoding.UTF8.GetString(Bytes(at + 46, nameLength, end));
            var (packed, unpacked, header) = Sizes(entry, Bytes(at + 46 + nameLength, extraLength, end));
            if ((U16(entry, 8) & 1) != 0)
                throw Damaged($"'{name}' is encrypted");
            if (U16(entry, 10) != 0 || packed != unpacked)
                throw Damaged($"'{name}' is compressed (PyTorch stores its files as they are)");
            if (!places.TryAdd(name, new ZipEntryPlace(name, DataOffset(name, header, packed, directory), packed)))
                throw Damaged($"'{name}' is there twice");
            at += 46 + nameLength + extraLength + commentLength;
        }

        ZipEntryPlace? before = null;
        foreach (var place in places.Values.OrderBy(p => p.Offset).ThenBy(p => p.ByteCount))
        {
            if (before is not null && place.Offset < before.Offset + before.ByteCount)
                throw Damaged($"'{before.Name}' and '{place.Name}' overlap");
            before = place;
        }

        return places;
    }

    private (long Count, long Offset, long Size) FindDirectory()
    {
        for (var at = length - EndLength; at >= Math.Max(0, length - EndLength - MaxCommentLength); at--)
        {
            var end = Bytes(at, EndLength, length);
            if (U32(end, 0) != 0x06054b50 || at + EndLength + U16(end, 20) != length)
                continue;
            var (count, size, offset) = ((long)U16(end, 10), (long)U32(end, 12), (long)U32(end, 16));
            if (at < 20 || U32(Bytes(at - 20, 20, length), 0) != 0x07064b50)
                return (count, offset, size);
            var large = Bytes(I64(Bytes(at - 20, 20, length), 8), 56, length);
            return U32(large, 0) == 0x06064b50 ? (I64(large, 32), I64(large, 48), I64(large, 40)) : throw Damaged("its 64-bit directory is not where it should be");
        }

        throw Damaged("it has no ZIP directory at its end; it may be truncated");
    }

    /// <summary>Reads sizes and offset; where 32 bits are not enough they stand in the extra field 1, in this order.</summary>
    private (long Packed, long Unpacked, long Header) Sizes(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var (packed, unpacked, header) = ((long)U32(entry, 20), (long)U32(entry, 24), (long)U32(entry, 42));
        while (extra.Length >= 4)
        {
            var (id, size) = (U16(extra, 0), U16(extra, 2));
            extra = extra[4..];
            if (size > extra.Length)
                throw Damaged("an extra field of its directory is cut off");
            if (id == 1)
            {
                var wide = extra[..size];
                unpacked = Wide(unpacked, ref wide);
                packed = Wide(packed, ref wide);
                header = Wide(header, ref wide);
            }

            extra = extra[size..];
        }

        return (packed, unpacked, header);

        long Wide(long narrow, ref ReadOnlySpan<byte> wide)
        {
            if (narrow != uint.MaxValue)
                return narrow;
            if (wide.Length < 8)
                throw Damaged("a 64-bit size of its directory is cut off");
            var value = I64(wide, 0);
            wide = wide[8..];
            return value;
        }
    }

    private long DataOffset(string name, long header, long bytes, long directory)
    {
        var local = Bytes(header, 30, directory);
        if (U32(local, 0) != 0x04034b50)
            throw Damaged($"'{name}' is not at byte {header}, where its directory says");
        var data = header + 30 + U16(local, 26) + U16(local, 28);
        return bytes >= 0 && data <= directory && bytes <= directory - data ? data : throw Damaged($"'{name}' claims {bytes} bytes at {data}, its directory begins at {directory}");
    }

    private ReadOnlySpan<byte> Bytes(long at, int count, long end) => at >= 0 && at <= end - count
        ? new ReadOnlySpan<byte>(start + at, count)
        : throw Damaged($"it ends within its directory (want {count} bytes at {at})");

    private TensorFormatException Damaged(string what) => new($"{path}: damaged checkpoint: {what}");

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
