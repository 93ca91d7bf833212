using System.Buffers.Binary;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>
/// Reads rows from a database file page by page, without its b-trees: a damaged page costs its own rows and no others. Only leaf pages of tables with row numbers are read
/// (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1); which table a row belongs to is for the caller to see. Pages that are free are skipped: their rows were deleted.
/// </summary>
internal sealed class LeafPages : IDisposable
{
    private const int FileHeader = 100, LeafHeader = 8, DefaultPage = 4096;

    // The type of a leaf page of a table.
    private const byte TableLeaf = 0x0D;

    // In bytes; a verdict's message has some thousand.
    private const long MaxRow = 16 * 1024 * 1024;

    private readonly FileStream _file;
    private readonly int _page, _usable;
    private readonly long _pages;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public LeafPages(string path)
    {
        _file = UserFiles.OpenRead(path);
        var header = new byte[FileHeader];
        var isKnown = _file.ReadAtLeast(header, FileHeader, throwOnEndOfStream: false) == FileHeader && header.AsSpan().StartsWith("SQLite format 3\0"u8);
        var size = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16));
        _page = isKnown && size >= 512 && (size & (size - 1)) == 0 ? size : DefaultPage;
        _usable = _page - (isKnown && header[20] < 32 ? header[20] : 0);
        _pages = _file.Length / _page;
        First = isKnown ? BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(32)) : 0;
    }

    /// <summary>The first page of the list of free pages; 0 where there is none.</summary>
    private uint First { get; }

    /// <returns>The number and the values of each row, in the order of the columns; the first column holds null where it is the number.</returns>
    public IEnumerable<(long Number, List<object> Values)> Rows()
    {
        var (page, free) = (new byte[_page], FreePages());
        for (var n = 1L; n <= _pages; n++)
        {
            // The first page begins behind the file's header.
            var at = n == 1 ? FileHeader : 0;
            if (free.Contains(n) || !Read(n, page) || page[at] != TableLeaf)
                continue;
            var cells = BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(at + 3));
            for (var i = 0; i < cells && at + LeafHeader + (2 * i) + 2 <= _usable; i++)
            {
                if (Row(page, BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(at + LeafHeader + (2 * i)))) is { } row)
                    yield return row;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private bool Read(long n, byte[] page)
    {
        if (n < 1 || n > _pages)
            return false;
        try
        {
            _file.Position = (n - 1) * _page;
            return _file.ReadAtLeast(page, _page, throwOnEndOfStream: false) == _page;
        }
        catch (IOException)
        {
            // A sector that the disk does not give back.
            return false;
        }
    }

    private HashSet<long> FreePages()
    {
        var (free, page) = (new HashSet<long>(), new byte[_page]);
        for (long trunk = First; trunk != 0 && free.Add(trunk) && Read(trunk, page); trunk = BinaryPrimitives.ReadUInt32BigEndian(page))
        {
            for (var i = 0; i < BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(4)) && 8 + (4 * i) + 4 <= _usable; i++)
                free.Add(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(8 + (4 * i))));
        }

        return free;
    }

    /// <returns>The row of a cell; null where it makes no sense.</returns>
    private (long Number, List<object> Values)? Row(byte[] page, int at)
    {
        var cell = page.AsSpan(0, _usable);
        if (!TakeVarInt(cell, ref at, out var size) || !TakeVarInt(cell, ref at, out var number) || size is < 1 or > MaxRow)
            return null;
        return Payload(page, at, (int)size) is { } payload && Values(payload) is { } values ? (number, values) : null;
    }

    /// <summary>Reads what a cell holds, with what did not fit into its page.</summary>
    private byte[]? Payload(byte[] page, int at, int size)
    {
        var (most, least) = (_usable - 35, ((_usable - 12) * 32 / 255) - 23);
        var split = least + ((size - least) % (_usable - 4));
        var local = size <= most ? size : split <= most ? split : least;
        if (at + local + (local < size ? 4 : 0) > _usable)
            return null;
        var payload = new byte[size];
        page.AsSpan(at, local).CopyTo(payload);
        var (next, overflow) = (local < size ? BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(at + local)) : 0, new byte[_page]);
        for (var done = local; done < size; next = BinaryPrimitives.ReadUInt32BigEndian(overflow))
        {
            if (!Read(next, overflow))
                return null;
            var part = Math.Min(size - done, _usable - 4);
            overflow.AsSpan(4, part).CopyTo(payload.AsSpan(done));
            done += part;
        }

        return payload;
    }

    private static List<object>? Values(ReadOnlySpan<byte> payload)
    {
        var (types, values) = (0, new List<object>());
        if (!TakeVarInt(payload, ref types, out var header) || header > payload.Length)
            return null;
        for (var at = (int)header; types < header;)
        {
            if (!TakeVarInt(payload[..(int)header], ref types, out var type) || type is < 0 or 10 or 11 || Length(type) is var length && length > payload.Length - at)
                return null;
            values.Add(Value(type, payload.Slice(at, (int)length)));
            at += (int)length;
        }

        return values;
    }

    private static long Length(long type) => type switch { 0 or 8 or 9 => 0, <= 4 => type, 5 => 6, 6 or 7 => 8, _ => (type - 12) / 2 };

    private static object Value(long type, ReadOnlySpan<byte> bytes)
    {
        if (type is 0)
            return DBNull.Value;
        if (type is 8 or 9)
            return type - 8;
        if (type is 7)
            return BinaryPrimitives.ReadDoubleBigEndian(bytes);
        if (type >= 12)
            return type % 2 == 1 ? Encoding.UTF8.GetString(bytes) : bytes.ToArray();
        var value = (long)(sbyte)bytes[0];
        foreach (var b in bytes[1..])
            value = (value << 8) | b;
        return value;
    }

    /// <summary>Reads an integer of 1 to 9 bytes of 7 bits, the highest first; the ninth has 8.</summary>
    private static bool TakeVarInt(ReadOnlySpan<byte> bytes, ref int at, out long value)
    {
        value = 0;
        for (var i = 0; i < 9; i++)
        {
            if (at < 0 || at >= bytes.Length)
                return false;
            var b = bytes[at++];
            value = i == 8 ? (value << 8) | b : (value << 7) | (uint)(b & 0x7F);
            if (b < 0x80)
                break;
        }

        return true;
    }
}
