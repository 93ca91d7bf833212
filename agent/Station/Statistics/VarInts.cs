namespace MrfAd.Station.Statistics;

/// <summary>Counts by place as bytes: the distance to the last place that has a count, and the count, each in base 128 with the low digits first.</summary>
internal static class VarInts
{
    /// <summary>Appends the places that have a count, and their number before them.</summary>
    public static void Write(List<byte> bytes, ReadOnlySpan<long> counts)
    {
        Write(bytes, (ulong)(counts.Length - counts.Count(0L)));
        var last = -1;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0)
                continue;
            Write(bytes, (ulong)(i - last - 1));
            Write(bytes, (ulong)counts[i]);
            last = i;
        }
    }

    /// <summary>Adds the counts that were written, and moves <paramref name="bytes"/> behind them.</summary>
    /// <returns>The sum of what was added.</returns>
    /// <exception cref="FormatException">The bytes are cut off, or name a place beyond the last one.</exception>
    public static long Add(ref ReadOnlySpan<byte> bytes, Span<long> counts)
    {
        var (place, sum) = (-1L, 0L);
        for (var left = Read(ref bytes); left > 0; left--)
        {
            place += (long)Read(ref bytes) + 1;
            if (place < 0 || place >= counts.Length)
                throw new FormatException($"a count has the place {place}, want less than {counts.Length}");
            var count = (long)Read(ref bytes);
            counts[(int)place] += count;
            sum += count;
        }

        return sum;
    }

    private static void Write(List<byte> bytes, ulong value)
    {
        for (; value >= 128; value >>= 7)
            bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
    }

    private static ulong Read(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 127) << (7 * i);
            if (bytes[i] >= 128)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }

        throw new FormatException("a count is cut off");
    }
}
