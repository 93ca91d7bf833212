using System.Buffers.Binary;
using System.Numerics;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Reads the log files in which versions before 0.2 kept their outbox: records of a mark, the kind (1 byte), a number (8 bytes), the length of the body
/// (4 bytes), a CRC-32C of kind, number, length and body (4 bytes), and the body; little-endian.
/// </summary>
public static class ReleasedLog
{
    public const int Checkpoint = 1, Trigger = 2, Message = 3, Acknowledged = 4;

    private const int HeaderSize = 21;

    private static ReadOnlySpan<byte> Mark => "MrfR"u8;

    /// <summary>Reads all whole records; behind damage it goes on at the next one.</summary>
    /// <param name="damaged">The number of bytes that belong to no whole record.</param>
    public static List<(int Kind, long Number, ReadOnlyMemory<byte> Body)> Read(ReadOnlyMemory<byte> file, out int damaged)
    {
        var (records, at) = (new List<(int, long, ReadOnlyMemory<byte>)>(), 0);
        damaged = 0;
        while (at < file.Length)
        {
            var bytes = file.Span[at..];
            var length = bytes.Length < HeaderSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[13..]);
            if (bytes.StartsWith(Mark) && length >= 0 && length <= bytes.Length - HeaderSize
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes[17..]) == ~Crc(Crc(~0u, bytes[4..17]), bytes.Slice(HeaderSize, length)))
            {
                records.Add((bytes[4], BinaryPrimitives.ReadInt64LittleEndian(bytes[5..]), file.Slice(at + HeaderSize, length)));
                at += HeaderSize + length;
                continue;
            }

            var next = bytes[1..].IndexOf(Mark);
            var skipped = next < 0 ? bytes.Length : next + 1;
            damaged += skipped;
            at += skipped;
        }

        return records;
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
