using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MrfAd.Engine.Search;

/// <summary>A view of the rows of a bank [N, D], memory-mapped or in memory; its creator keeps the memory valid.</summary>
public readonly unsafe struct BankRows
{
    private readonly void* _values;
    private readonly float* _scales;

    /// <param name="values">The values, [N, D], of the precision's type.</param>
    /// <param name="scales">The scale of each row, [N], for <see cref="RowPrecision.Int8"/>; otherwise null.</param>
    public BankRows(void* values, float* scales, RowPrecision precision, int count, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        _values = values;
        _scales = scales;
        (Precision, Count, Dimension) = (precision, count, dimension);
    }

    /// <summary>The values, [N, D], of the precision's type.</summary>
    public void* Values => _values;

    /// <summary>The scale of each row, [N]; null unless the precision is <see cref="RowPrecision.Int8"/>.</summary>
    public float* Scales => _scales;

    public RowPrecision Precision { get; }

    /// <summary>Returns the bytes of row <paramref name="row"/> as they are stored.</summary>
    public ReadOnlySpan<byte> Stored(int row) => new((byte*)_values + ((long)row * Dimension * Precision.Bytes()), Dimension * Precision.Bytes());

    /// <summary>The number of rows, N.</summary>
    public int Count { get; }

    /// <summary>The number of dimensions of a row, D.</summary>
    public int Dimension { get; }

    /// <summary>Returns row <paramref name="row"/> as fp32: in place where it is stored so, otherwise decoded into <paramref name="buffer"/> [D].</summary>
    public ReadOnlySpan<float> Get(int row, Span<float> buffer) => Get(row, 1, buffer);

    /// <summary>Returns rows [count, D] as fp32: in place where they are stored so, otherwise decoded into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The buffer for decoded rows, [count, D]; it may be empty where rows are stored as fp32.</param>
    public ReadOnlySpan<float> Get(int first, int count, Span<float> buffer)
    {
        if (Precision == RowPrecision.Fp32)
            return new(Single(first), count * Dimension);
        buffer = buffer[..(count * Dimension)];
        fixed (float* target = buffer)
        {
            for (var i = 0; i < count; i++)
            {
                if (Precision == RowPrecision.Fp16)
                    Decode<HalfFormat>(first + i, target + ((long)i * Dimension));
                else
                    Decode<Int8Format>(first + i, target + ((long)i * Dimension));
            }
        }

        return buffer;
    }

    /// <summary>Prefetches the beginning of a row into the cache; the processor continues from there by itself.</summary>
    public void Prefetch(int row)
    {
        if (!System.Runtime.Intrinsics.X86.Sse.IsSupported)
            return;
        var at = (byte*)_values + ((long)row * Dimension * Precision.Bytes());
        for (var line = 0; line < 4; line++)
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(at + (64 * line));
    }

    /// <summary>Returns ‖query − row‖², summed in fp32; once the sum has reached <paramref name="limit"/>, any value at or above it may be returned.</summary>
    /// <param name="query">The query, [D].</param>
    public float SquaredDistance(ReadOnlySpan<float> query, int row, float limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Length, Dimension);
        fixed (float* q = query)
        {
            return Precision switch
            {
                RowPrecision.Fp32 => SquaredDistance<SingleFormat>(q, row, limit),
                RowPrecision.Fp16 => SquaredDistance<HalfFormat>(q, row, limit),
                _ => SquaredDistance<Int8Format>(q, row, limit),
            };
        }
    }

    private float* Single(int row) => (float*)_values + ((long)row * Dimension);

    private float Scale(int row) => Precision == RowPrecision.Int8 ? _scales[row] : 1;

    private void Decode<T>(int row, float* target)
        where T : struct, IRowFormat
    {
        var from = (byte*)_values + ((long)row * Dimension * T.Bytes);
        var scale = Scale(row);
        var k = 0;
        for (; k <= Dimension - 8; k += 8)
            (T.Load(from + (k * T.Bytes)) * scale).Store(target + k);
        for (; k < Dimension; k++)
            target[k] = T.LoadOne(from + (k * T.Bytes)) * scale;
    }

    private float SquaredDistance<T>(float* query, int row, float limit)
        where T : struct, IRowFormat
    {
        var from = (byte*)_values + ((long)row * Dimension * T.Bytes);
        var scale = Scale(row);
        var half = Dimension / 2 / 32 * 32;
        var sum = Vector512.IsHardwareAccelerated ? Wide<T>(query, from, scale, 0, half) : Narrow<T>(query, from, scale, 0, half);
        if (sum >= limit)
            return sum; // rows that got this far are near, so one check on the way is enough
        var whole = Dimension / 32 * 32;
        sum += Vector512.IsHardwareAccelerated ? Wide<T>(query, from, scale, half, whole) : Narrow<T>(query, from, scale, half, whole);
        for (var k = whole; k < Dimension; k++)
        {
            var d = query[k] - (T.LoadOne(from + (k * T.Bytes)) * scale);
            sum += d * d;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Wide<T>(float* query, byte* from, float scale, int k, int end)
        where T : struct, IRowFormat
    {
        var (s0, s1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (; k < end; k += 32)
        {
            var d0 = Vector512.Load(query + k) - (T.LoadWide(from + (k * T.Bytes)) * scale);
            var d1 = Vector512.Load(query + k + 16) - (T.LoadWide(from + ((k + 16) * T.Bytes)) * scale);
            s0 = Vector512.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector512.MultiplyAddEstimate(d1, d1, s1);
        }

        return Vector512.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Narrow<T>(float* query, byte* from, float scale, int k, int end)
        where T : struct, IRowFormat
    {
        var (s0, s1, s2, s3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (; k < end; k += 32)
        {
            var at = from + (k * T.Bytes);
            Add(ref s0, Vector256.Load(query + k) - (T.Load(at) * scale));
            Add(ref s1, Vector256.Load(query + k + 8) - (T.Load(at + (8 * T.Bytes)) * scale));
            Add(ref s2, Vector256.Load(query + k + 16) - (T.Load(at + (16 * T.Bytes)) * scale));
            Add(ref s3, Vector256.Load(query + k + 24) - (T.Load(at + (24 * T.Bytes)) * scale));
        }

        return Vector256.Sum((s0 + s1) + (s2 + s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector256<float> sum, Vector256<float> d) => sum = Vector256.MultiplyAddEstimate(d, d, sum);

    private interface IRowFormat
    {
        static abstract int Bytes { get; }

        static abstract Vector256<float> Load(byte* source);

        static abstract Vector512<float> LoadWide(byte* source);

        static abstract float LoadOne(byte* source);
    }

    private readonly struct SingleFormat : IRowFormat
    {
        public static int Bytes => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Load(byte* source) => Vector256.Load((float*)source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> LoadWide(byte* source) => Vector512.Load((float*)source);

        public static float LoadOne(byte* source) => *(float*)source;
    }

    private readonly struct HalfFormat : IRowFormat
    {
        public static int Bytes => 2;

        /// <summary>Converts fp16 to fp32: exponent and mantissa are moved to their places and the bias is corrected by a product, which is exact for finite values.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Load(byte* source)
        {
            var (low, high) = Vector128.Widen(Vector128.Load((ushort*)source));
            var bits = Vector256.Create(low, high);
            var magnitude = ((bits & Vector256.Create(0x7fffu)) << 13).AsSingle() * BitConverter.UInt32BitsToSingle((127 + 112) << 23);
            return (magnitude.AsUInt32() | ((bits & Vector256.Create(0x8000u)) << 16)).AsSingle();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> LoadWide(byte* source) => Vector512.Create(Load(source), Load(source + 16));

        public static float LoadOne(byte* source) => (float)*(Half*)source;
    }

    private readonly struct Int8Format : IRowFormat
    {
        public static int Bytes => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Load(byte* source)
        {
            var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)source).AsSByte());
            var (low, high) = Vector128.Widen(shorts);
            return Vector256.ConvertToSingle(Vector256.Create(low, high));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> LoadWide(byte* source)
        {
            var (low, high) = Vector256.Widen(Vector256.WidenLower(Vector256.Create(Vector128.Load((sbyte*)source), default)));
            return Vector512.ConvertToSingle(Vector512.Create(low, high));
        }

        public static float LoadOne(byte* source) => *(sbyte*)source;
    }
}
