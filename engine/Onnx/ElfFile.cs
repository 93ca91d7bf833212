using System.Buffers.Binary;
using System.Text;

namespace MrfAd.Engine.Onnx;

/// <summary>As much of a native library's file (ELF, 64 bits, little-endian) as tells which other libraries it asks for.</summary>
public static class ElfFile
{
    private const int SectionSize = 64;
    private const int EntrySize = 16;
    private const uint DynamicSection = 6; // SHT_DYNAMIC
    private const long NeededTag = 1; // DT_NEEDED

    // Longer lists than any library has: what a damaged file may make us read.
    private const long MaxBytes = 1 << 20;

    /// <returns>Names as its linker wrote them, e.g. "libcudart.so.13"; empty where the file is none of these or is damaged.</returns>
    public static IReadOnlyList<string> Needed(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var header = Read(file, 0, SectionSize);
            if (!header.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
                return [];
            var sections = Read(file, U64(header, 40), (long)U16(header, 60) * SectionSize);
            for (var at = 0; at + SectionSize <= sections.Length; at += SectionSize)
            {
                if (U32(sections, at + 4) == DynamicSection)
                    return Names(file, sections, at);
            }

            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or OverflowException)
        {
            return [];
        }
    }

    private static List<string> Names(FileStream file, byte[] sections, int dynamic)
    {
        var entries = Read(file, U64(sections, dynamic + 24), U64(sections, dynamic + 32));
        var text = checked((int)(U32(sections, dynamic + 40) * SectionSize));
        var strings = Read(file, U64(sections, text + 24), U64(sections, text + 32));
        var names = new List<string>();
        for (var at = 0; at + EntrySize <= entries.Length; at += EntrySize)
        {
            if (U64(entries, at) == NeededTag)
                names.Add(Encoding.ASCII.GetString(strings.AsSpan(checked((int)U64(entries, at + 8)))).Split('\0')[0]);
        }

        return names;
    }

    private static byte[] Read(FileStream file, long offset, long count)
    {
        if (offset < 0 || count is < 0 or > MaxBytes)
            throw new IOException($"{file.Name}: want at most {MaxBytes} bytes at {offset}, got {count}");
        var bytes = new byte[count];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    private static int U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long U64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}
