using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MrfAd.Platform;

/// <summary>A shared library's file (ELF, 64 bit, little endian), as far as it names the libraries that it needs.</summary>
public static class SharedObject
{
    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const uint LoadSegment = 1, DynamicSegment = 2; // PT_LOAD, PT_DYNAMIC
    private const long NeededTag = 1, StringTableTag = 5, StringTableBytesTag = 10; // DT_NEEDED, DT_STRTAB, DT_STRSZ

    // Far more than a linker writes; it limits the memory that a damaged file can ask for.
    private const long MaxSectionBytes = 64 << 20;

    private static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1];

    /// <returns>The names of the libraries that it needs (DT_NEEDED), in their order; none where the file is of another kind, damaged or unreadable, since loading it reports why.</returns>
    public static IReadOnlyList<string> Needed(string path)
    {
        try
        {
            using var file = UserFiles.OpenHandle(path);
            return Needed(file);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static List<string> Needed(SafeFileHandle file)
    {
        var header = Read(file, 0, HeaderBytes);
        if (header.Length < HeaderBytes || !header.AsSpan().StartsWith(Magic))
            return [];
        var segments = Segments(file, header);
        var dynamic = segments.Find(s => s.Type == DynamicSegment) is { } segment ? Entries(Read(file, segment.Offset, segment.Bytes)) : [];
        var address = dynamic.Find(e => e.Tag == StringTableTag).Value;
        if (segments.Find(s => s.Type == LoadSegment && s.Address <= address && address - s.Address < s.Bytes) is not { } holder)
            return [];
        var strings = Read(file, address - holder.Address + holder.Offset, dynamic.Find(e => e.Tag == StringTableBytesTag).Value);
        return [.. dynamic.Where(e => e.Tag == NeededTag && e.Value >= 0 && e.Value < strings.Length).Select(e => Text(strings.AsSpan((int)e.Value)))];
    }

    private static List<Segment> Segments(SafeFileHandle file, byte[] header)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        var table = Read(file, Int64(header, 32), count * ProgramHeaderBytes);
        var segments = new List<Segment>();
        for (var at = 0; at + ProgramHeaderBytes <= table.Length; at += ProgramHeaderBytes)
            segments.Add(new Segment(BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(at)), Int64(table, at + 8), Int64(table, at + 16), Int64(table, at + 32)));
        return segments;
    }

    private static List<(long Tag, long Value)> Entries(byte[] dynamic)
    {
        var entries = new List<(long, long)>();
        for (var at = 0; at + 16 <= dynamic.Length; at += 16)
            entries.Add((Int64(dynamic, at), Int64(dynamic, at + 8)));
        return entries;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    private static long Int64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    /// <returns>The bytes at the offset, fewer at the end of the file; none for an impossible offset.</returns>
    private static byte[] Read(SafeFileHandle file, long offset, long bytes)
    {
        if (offset < 0 || bytes is < 0 or > MaxSectionBytes)
            return [];
        var read = new byte[bytes];
        var filled = 0;
        while (filled < read.Length && RandomAccess.Read(file, read.AsSpan(filled), offset + filled) is > 0 and var more)
            filled += more;
        return read[..filled];
    }

    /// <param name="Offset">The offset of the segment in the file.</param>
    /// <param name="Address">The offset of the segment in memory, from the library's base.</param>
    /// <param name="Bytes">The length of the segment in the file, bytes.</param>
    private sealed record Segment(uint Type, long Offset, long Address, long Bytes);
}
