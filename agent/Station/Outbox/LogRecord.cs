using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace MrfAd.Station.Outbox;

/// <summary>One record of a log, as OUTBOX-FORMAT.md lays it out.</summary>
/// <param name="Offset">Of its first byte in its segment.</param>
public readonly record struct LogRecord(RecordKind Kind, long Number, ReadOnlyMemory<byte> Body, long Offset)
{
    /// <summary>Bytes before the body.</summary>
    public const int HeaderSize = 21;

    /// <summary>A length beyond this is damage: no picture is that large.</summary>
    public const int LargestBody = 256 * 1024 * 1024;

    /// <summary>Every record begins with it, so that a reader finds the next one behind damage.</summary>
    public static ReadOnlySpan<byte> Mark => "MrfR"u8;

    /// <returns>Of the whole record.</returns>
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

    /// <param name="at">Where a record is supposed to begin.</param>
    /// <returns>False where none begins that is whole and undamaged.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> segment, int at, out LogRecord record)
    {
        record = default;
        var bytes = segment.Span[at..];
        if (bytes.Length < HeaderSize || !bytes.StartsWith(Mark))
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[13..]);
        if (length is < 0 or > LargestBody || length > bytes.Length - HeaderSize)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[17..]) != Checksum(bytes[..Size(length)]))
            return false;
        record = new LogRecord((RecordKind)bytes[4], BinaryPrimitives.ReadInt64LittleEndian(bytes[5..]), segment.Slice(at + HeaderSize, length), at);
        return true;
    }

    /// <summary>Reads a segment from its beginning; where there is damage it goes on at the next whole record.</summary>
    /// <param name="damaged">Told how many bytes were skipped.</param>
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
