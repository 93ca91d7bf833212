using System.Buffers.Binary;

namespace MrfAd.Testing;

/// <summary>Makes small TIFF files with any entries, also those that no program would write.</summary>
public static class TestTiff
{
    /// <summary>Makes a TIFF of one uncompressed strip.</summary>
    /// <param name="data">The samples as they are to stand in the file.</param>
    /// <param name="isBigEndian">Numbers begin with their highest byte.</param>
    /// <param name="more">Tags and values beside those of the sizes and the strip; each becomes a LONG.</param>
    public static byte[] Make(int width, int height, byte[] data, bool isBigEndian, params (int Tag, int Value)[] more)
    {
        List<(int Tag, int Value)> entries = [(256, width), (257, height), (259, 1), (278, height), (279, data.Length), .. more];
        entries.Add((273, 8 + 2 + (12 * (entries.Count + 1)) + 4));
        List<byte> file = [.. isBigEndian ? "MM\0*"u8 : "II*\0"u8, .. Number(8, 4), .. Number(entries.Count, 2)];
        foreach (var (tag, value) in entries.OrderBy(e => e.Tag))
            file.AddRange([.. Number(tag, 2), .. Number(4, 2), .. Number(1, 4), .. Number(value, 4)]);
        return [.. file, 0, 0, 0, 0, .. data];

        byte[] Number(int value, int size)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            bytes = bytes[..size];
            if (isBigEndian)
                Array.Reverse(bytes);
            return bytes;
        }
    }
}
