namespace MrfAd.Engine.Metrics;

/// <summary>Converts scores to integers of the same order and sorts them by radix sort, in time linear in their number.</summary>
internal static class RadixSort
{
    // 11 bits a digit: 32 bits in three digits, and 2048 counters fit into the first-level cache.
    private const int DigitBits = 11;
    private const int Digits = 3;

    /// <returns>A key that orders as the scores do; −0 and 0 have the same key.</returns>
    public static uint Key(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) == 0 ? bits | 0x8000_0000 : ~bits;
    }

    /// <summary>Sorts in rising order of the key; stable.</summary>
    /// <param name="values">The values to sort, which are overwritten.</param>
    /// <param name="scratch">The buffer that holds the sorted values afterwards, of the length of <paramref name="values"/>.</param>
    public static void Sort<T, TKey>(Span<T> values, Span<T> scratch)
        where TKey : struct, IKey<T>
    {
        var from = values;
        var to = scratch;
        var starts = new int[1 << DigitBits];
        for (var digit = 0; digit < Digits; digit++)
        {
            var shift = digit * DigitBits;
            Array.Clear(starts);
            foreach (var value in from)
                starts[(TKey.Of(value) >> shift) & ((1 << DigitBits) - 1)]++;
            var sum = 0;
            foreach (ref var start in starts.AsSpan())
                (start, sum) = (sum, sum + start);
            foreach (var value in from)
                to[starts[(TKey.Of(value) >> shift) & ((1 << DigitBits) - 1)]++] = value;
            var sorted = to;
            to = from;
            from = sorted;
        }
    }

    internal interface IKey<in T>
    {
        static abstract uint Of(T value);
    }

    /// <summary>The key of a number that is the number itself.</summary>
    internal readonly struct Itself : IKey<uint>
    {
        public static uint Of(uint value) => value;
    }

    /// <summary>The key that is the upper half of a number; the lower half is carried along.</summary>
    internal readonly struct UpperHalf : IKey<ulong>
    {
        public static uint Of(ulong value) => (uint)(value >> 32);
    }
}
