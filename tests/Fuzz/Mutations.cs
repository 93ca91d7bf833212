using System.Buffers.Binary;

namespace MrfAd.Fuzz;

/// <summary>Mutates an input at random as AFL does: bits, bytes, boundary numbers, pieces deleted, repeated or copied from another input.</summary>
public sealed class Mutations(int seed)
{
    private static readonly long[] Hard = [0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    private readonly Random _random = new(seed);

    /// <returns>A mutation of one of the seeds.</returns>
    public byte[] Next(IReadOnlyList<byte[]> seeds)
    {
        var bytes = (byte[])seeds[_random.Next(seeds.Count)].Clone();
        for (var changes = 1 << _random.Next(5); changes > 0; changes--)
            bytes = Change(bytes, seeds);
        return bytes;
    }

    private byte[] Change(byte[] bytes, IReadOnlyList<byte[]> seeds)
    {
        if (bytes.Length == 0)
            return [(byte)_random.Next(256)];
        var at = Place(bytes.Length);
        var length = Math.Min(1 << _random.Next(8), bytes.Length - at);
        switch (_random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 2:
                _random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case 3:
                return Number(bytes, at);
            case 4:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 6:
                return bytes[..at];
            default:
                var other = seeds[_random.Next(seeds.Count)];
                var from = Place(other.Length);
                return [.. bytes[..at], .. other.AsSpan(from, Math.Min(1 << _random.Next(10), other.Length - from)), .. bytes[at..]];
        }
    }

    private byte[] Number(byte[] bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, Hard[_random.Next(Hard.Length)]);
        var size = Math.Min(1 << _random.Next(4), bytes.Length - at);
        number[..size].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    // Every other position is near the start, where the headers are.
    private int Place(int length) => length == 0 ? 0 : _random.Next(2) == 0 ? _random.Next(length) : _random.Next(Math.Min(length, 256));
}
