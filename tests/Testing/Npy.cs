using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MrfAd.Testing;

/// <summary>Reads and writes NumPy's array files, little-endian and in C order, to exchange arrays with NumPy scripts and to read golden files.</summary>
public static class Npy
{
    public static (T[] Values, int[] Shape) Read<T>(string path)
        where T : unmanaged
    {
        var bytes = File.ReadAllBytes(path);
        var start = 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        var header = Encoding.ASCII.GetString(bytes, 10, start - 10);
        if (!header.Contains($"'{Type<T>()}'", StringComparison.Ordinal))
            throw new InvalidDataException($"{path}: want {Type<T>()}, got {header}");
        var shape = header[(header.IndexOf('(', StringComparison.Ordinal) + 1)..header.IndexOf(')', StringComparison.Ordinal)]
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        return (MemoryMarshal.Cast<byte, T>(bytes.AsSpan(start)).ToArray(), shape);
    }

    public static void Write<T>(string path, ReadOnlySpan<T> values, params int[] shape)
        where T : unmanaged
    {
        var header = $"{{'descr': '{Type<T>()}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}";
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        using var file = File.Create(path);
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        file.Write(length);
        file.Write(Encoding.ASCII.GetBytes(header));
        file.Write(MemoryMarshal.AsBytes(values));
    }

    private static string Type<T>() => typeof(T) == typeof(float) ? "<f4" : typeof(T) == typeof(int) ? "<i4" : "|u1";
}
