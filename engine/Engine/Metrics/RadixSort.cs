namespace MrfAd.Engine.Metrics;

/// <summary>Scores as integers of the same order, and their sorting by digits: linear in their number, whatever their values.</summary>
internal static class RadixSort
{
    // 32 bits in three digits; 2048 counters stay in the first-level cache.
    private const int DigitBits = 11;
    private const int Digits = 3;

    /// <returns>Orders as the scores do; −0 and 0 are one score.</returns>
    public static uint Key(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) == 0 ? bits | 0x8000_0000 : ~bits;
    }

    public static float Score(uint key) => BitConverter.UInt32BitsToSingle((key & 0x8000_0000) != 0 ? key & 0x7FFF_FFFF : ~key);

    /// <summary>Sorts rising by the key; stable.</summary>
    /// <param name="values">Lost.</param>
    /// <param name="scratch">As long as the values; holds them sorted afterwards.</param>
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

    /// <summary>A number is its own key.</summary>
    internal readonly struct Itself : IKey<uint>
    {
        public static uint Of(uint value) => value;
    }

    /// <summary>The key is the upper half; the lower goes along.</summary>
    internal readonly struct UpperHalf : IKey<ulong>
    {
        public static uint Of(ulong value) => (uint)(value >> 32);
    }
}
