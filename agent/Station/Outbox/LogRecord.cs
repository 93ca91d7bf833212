using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace MrfAd.Station.Outbox;

/// <summary>One record of a log, as OUTBOX-FORMAT.md lays it out.</summary>
/// <param name="Offset">Byte offset of the record in its segment.</param>
public readonly record struct LogRecord(RecordKind Kind, long Number, ReadOnlyMemory<byte> Body, long Offset)
{
    /// <summary>Length of the header before the body, in bytes.</summary>
    public const int HeaderSize = 21;

    /// <summary>Maximum length of a body in bytes. No picture is that large, so a greater length means damage.</summary>
    public const int MaxBodySize = 256 * 1024 * 1024;

    /// <summary>The four bytes with which every record begins, by which a reader finds the next record behind damage.</summary>
    public static ReadOnlySpan<byte> Mark => "MrfR"u8;

    /// <summary>Returns the length of a whole record in bytes.</summary>
    /// <param name="body">Length of the body in bytes.</param>
    public static int Size(int body) => HeaderSize + body;

    public static void Write(IBufferWriter<byte> to, RecordKind kind, long number, ReadOnlySpan<byte> body)
    {
        var record = to.GetSpan(Size(body.Length))[..Size(body.Length)];
        Mark.CopyTo(record);
        record[4] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(record[5..], number);
        BinaryPrimitives.WriteInt32LittleEndian(record[13..], body.Length);
        body.CopyTo(record[HeaderSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[17..], Checksum(record));
        to.Advance(record.Length);
    }

    /// <param name="at">The byte offset at which a record is supposed to begin.</param>
    /// <returns>False where no whole, undamaged record begins there.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> segment, int at, out LogRecord record)
    {
        record = default;
        var bytes = segment.Span[at..];
        if (bytes.Length < HeaderSize || !bytes.StartsWith(Mark))
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[13..]);
        if (length is < 0 or > MaxBodySize || length > bytes.Length - HeaderSize)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[17..]) != Checksum(bytes[..Size(length)]))
            return false;
        record = new LogRecord((RecordKind)bytes[4], BinaryPrimitives.ReadInt64LittleEndian(bytes[5..]), segment.Slice(at + HeaderSize, length), at);
        return true;
    }

    /// <summary>Reads all records of a segment; behind damage it goes on at the next whole record.</summary>
    /// <param name="damaged">Called with the number of bytes skipped at each damage.</param>
    public static IEnumerable<LogRecord> ReadAll(ReadOnlyMemory<byte> segment, Action<int> damaged)
    {
        var at = 0;
        while (at < segment.Length)
        {
            if (!TryRead(segment, at, out var record))
            {
                var next = NextWhole(segment, at + 1);
                damaged(next - at);
                at = next;
                continue;
            }

            yield return record;
            at += Size(record.Body.Length);
        }
    }

    private static int NextWhole(ReadOnlyMemory<byte> segment, int from)
    {
        while (segment.Span[from..].IndexOf(Mark) is var found and >= 0)
        {
            if (TryRead(segment, from + found, out _))
                return from + found;
            from += found + 1;
        }

        return segment.Length;
    }

    // CRC-32C of all but the mark and the checksum itself.
    private static uint Checksum(ReadOnlySpan<byte> record) => ~Crc(Crc(~0u, record[4..17]), record[HeaderSize..]);

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
