using System.Buffers;
using FsCheck.Xunit;
using MrfAd.Station.Outbox;

namespace MrfAd.Station.Tests.Outbox;

public sealed class LogRecordTests
{
    [Fact]
    public void Records_are_read_as_they_were_written()
    {
        var (bytes, _) = Write(1, 0, 5000, 3);

        var read = Read(bytes, out var damaged);

        Assert.Equal([(1L, 1), (2, 0), (3, 5000), (4, 3)], read.Select(r => (r.Number, r.Body.Length)));
        Assert.All(read, r => Assert.Equal(Body(r.Number, r.Body.Length), r.Body.ToArray()));
        Assert.Equal(0, damaged);
    }

    [Fact]
    public void The_bytes_of_a_record_are_those_of_the_format_page()
    {
        var buffer = new ArrayBufferWriter<byte>();
        LogRecord.Write(buffer, RecordKind.Message, 0x0102, "ab"u8);

        Assert.Equal("4D72665203020100000000000002000000" + "DDBF0EAB" + "6162", Convert.ToHexString(buffer.WrittenSpan));
    }

    [Fact]
    public void A_segment_cut_anywhere_yields_all_records_before_the_cut()
    {
        var (bytes, ends) = Write(10, 20, 30);

        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(ends.Count(end => end <= cut), Read(bytes[..cut], out _).Count);
    }

    [Fact]
    public void One_damaged_byte_costs_one_record_and_no_other()
    {
        var (bytes, _) = Write(40, 40, 40);

        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x5a;
            var read = Read(damaged, out var skipped);
            Assert.Equal(2, read.Count);
            Assert.All(read, r => Assert.Equal(Body(r.Number, 40), r.Body.ToArray()));
            Assert.Equal(LogRecord.Size(40), skipped);
        }
    }

    [Property(Replay = "1,1", MaxTest = 5_000)]
    public void Whatever_the_bytes_the_reader_ends_and_gives_only_what_was_written(byte[] lengths, (Damage Kind, ushort At, byte[] Bytes)[] damages)
    {
        var (bytes, _) = Write([.. lengths.Select(length => length % 60)]);
        foreach (var damage in damages)
            Mangle(ref bytes, damage);

        foreach (var record in Read(bytes, out _))
            Assert.Equal(Body(record.Number, record.Body.Length), record.Body.ToArray());
    }

    /// <summary>A kind of damage to the stored bytes.</summary>
    public enum Damage
    {
        Overwritten,
        Removed,
        MarkInserted,
        LargeLength,
        NegativeLength,
    }

    private static void Mangle(ref byte[] bytes, (Damage Kind, ushort At, byte[] Bytes) damage)
    {
        if (bytes.Length < 8)
            return;
        var from = damage.At % (bytes.Length - 4);
        var length = Math.Min(damage.Bytes.Length, bytes.Length - from);
        switch (damage.Kind)
        {
            case Damage.Overwritten:
                damage.Bytes.AsSpan(0, length).CopyTo(bytes.AsSpan(from));
                break;
            case Damage.Removed:
                bytes = [.. bytes[..from], .. bytes[(from + length)..]];
                break;
            case Damage.MarkInserted:
                bytes = [.. bytes[..from], .. LogRecord.Mark, .. bytes[from..]];
                break;
            default:
                BitConverter.TryWriteBytes(bytes.AsSpan(from), damage.Kind == Damage.LargeLength ? int.MaxValue : -1);
                break;
        }
    }

    private static byte[] Body(long number, int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(number * 31 + i))];

    private static (byte[] Bytes, List<int> Ends) Write(params int[] lengths)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var ends = new List<int>();
        foreach (var length in lengths)
        {
            LogRecord.Write(buffer, RecordKind.Message, ends.Count + 1, Body(ends.Count + 1, length));
            ends.Add(buffer.WrittenCount);
        }

        return (buffer.WrittenSpan.ToArray(), ends);
    }

    private static List<LogRecord> Read(byte[] bytes, out int damaged)
    {
        var skipped = 0;
        var records = LogRecord.ReadAll(bytes, count => skipped += count).ToList();
        damaged = skipped;
        return records;
    }
}
