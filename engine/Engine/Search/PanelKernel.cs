using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace MrfAd.Engine.Search;

/// <summary>
/// Inner products of a panel of queries with a tile of rows, in registers: the one loop in which a search spends its time.
/// Queries lie across the lanes of three vectors, rows are broadcast, so there are no horizontal sums.
/// Spans are checked once on the way in; the loops go by pointers, which address vectors at any value.
/// </summary>
internal static unsafe class PanelKernel
{
    /// <summary>The greatest value that <see cref="PanelQueries"/> has on any processor.</summary>
    public const int MaxPanelQueries = 48;

    /// <summary>The greatest value that <see cref="TileRows"/> has on any processor.</summary>
    public const int MaxTileRows = 8;

    /// <summary>The number of queries of a panel: three vectors of the processor's widest vector unit.</summary>
    public static int PanelQueries { get; } = 3 * (Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4);

    /// <summary>The number of rows of a tile: 8 where there are 32 vector registers (AVX-512, NEON), 4 where there are 16; the sums must never leave them.</summary>
    public static int TileRows { get; } = Vector512.IsHardwareAccelerated || AdvSimd.IsSupported ? MaxTileRows : MaxTileRows / 2;

    /// <summary>Computes products[r, i] = rows[r]·panel[:, i].</summary>
    /// <param name="panel">The queries, [n, PanelQueries].</param>
    /// <param name="rows">The rows; each begins <paramref name="stride"/> values after the one before.</param>
    /// <param name="valid">The number of rows, 1 to TileRows; the products of missing rows repeat those of the last one.</param>
    /// <param name="n">The number of values of a row that are multiplied.</param>
    /// <param name="products">The products to fill, [TileRows, PanelQueries].</param>
    /// <param name="add">True to add to <paramref name="products"/>, which then hold the products of the same rows' earlier values.</param>
    public static void Multiply(ReadOnlySpan<float> panel, ReadOnlySpan<float> rows, int stride, int valid, int n, Span<float> products, bool add = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(panel.Length, n * PanelQueries);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, ((long)(valid - 1) * stride) + n);
        ArgumentOutOfRangeException.ThrowIfLessThan(products.Length, TileRows * PanelQueries);
        fixed (float* q = panel, r = rows, p = products)
        {
            if (Vector512.IsHardwareAccelerated)
                MultiplyTile8<Simd512>(q, r, stride, valid, n, p, add);
            else if (Vector256.IsHardwareAccelerated)
                MultiplyTile4<Simd256>(q, r, stride, valid, n, p, add);
            else if (AdvSimd.IsSupported)
                MultiplyTile8<Simd128>(q, r, stride, valid, n, p, add);
            else
                MultiplyTile4<Simd128>(q, r, stride, valid, n, p, add);
        }
    }

    /// <summary>Returns true where any query has, with any of the rows, products[r, i] + queryResiduals[i]·rowResiduals[r] − rowHalves[r] above its limit.</summary>
    /// <param name="products">The products, [TileRows, PanelQueries].</param>
    /// <param name="queryResiduals">The residual norm of each query, [PanelQueries].</param>
    /// <param name="rows">The residual norms of the rows, at most TileRows.</param>
    /// <param name="limits">The limit of each query, [PanelQueries].</param>
    public static bool AnyAbove(ReadOnlySpan<float> products, ReadOnlySpan<float> queryResiduals, ReadOnlySpan<ResidualNorm> rows, ReadOnlySpan<float> limits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(products.Length, rows.Length * PanelQueries);
        ThrowUnlessPanel(queryResiduals);
        ThrowUnlessPanel(limits);
        fixed (float* p = products, q = queryResiduals, l = limits)
        {
            if (Vector512.IsHardwareAccelerated)
                return AnyAbove<Simd512>(p, q, rows, l);
            return Vector256.IsHardwareAccelerated ? AnyAbove<Simd256>(p, q, rows, l) : AnyAbove<Simd128>(p, q, rows, l);
        }
    }

    /// <summary>Returns a number in which bit i is set where the product of query i is above its own limit.</summary>
    /// <param name="products">The products of one row, [PanelQueries].</param>
    /// <param name="offset">A number that is subtracted from each product before the comparison.</param>
    /// <param name="limits">The limit of each query, [PanelQueries].</param>
    public static ulong Above(ReadOnlySpan<float> products, float offset, ReadOnlySpan<float> limits)
    {
        ThrowUnlessPanel(products);
        ThrowUnlessPanel(limits);
        fixed (float* p = products, l = limits)
        {
            if (Vector512.IsHardwareAccelerated)
                return Above<Simd512>(p, offset, l);
            return Vector256.IsHardwareAccelerated ? Above<Simd256>(p, offset, l) : Above<Simd128>(p, offset, l);
        }
    }

    /// <returns>The greatest of products[i] − offsets[i], over the panel.</returns>
    public static float MaxDifference(ReadOnlySpan<float> products, ReadOnlySpan<float> offsets)
    {
        var max = Vector128.Create(products) - Vector128.Create(offsets);
        for (var i = 4; i < PanelQueries; i += 4)
            max = Vector128.Max(max, Vector128.Create(products[i..]) - Vector128.Create(offsets[i..]));
        return Math.Max(Math.Max(max[0], max[1]), Math.Max(max[2], max[3]));
    }

    /// <summary>Computes norms[i] = Σ_k panel[k, i]².</summary>
    /// <param name="panel">The queries, [n, PanelQueries].</param>
    /// <param name="norms">The squared norms to fill, [PanelQueries].</param>
    public static void SquaredNorms(ReadOnlySpan<float> panel, int n, Span<float> norms)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(panel.Length, n * PanelQueries);
        ThrowUnlessPanel(norms);
        fixed (float* p = panel, t = norms)
        {
            if (Vector512.IsHardwareAccelerated)
                SquaredNorms<Simd512>(p, n, t);
            else if (Vector256.IsHardwareAccelerated)
                SquaredNorms<Simd256>(p, n, t);
            else
                SquaredNorms<Simd128>(p, n, t);
        }
    }

    /// <returns>The inner product a·b.</returns>
    /// <param name="b">The second vector, of the length of <paramref name="a"/>.</param>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector256<float>.Zero;
        var k = 0;
        for (; k <= a.Length - 8; k += 8)
            sum = Vector256.MultiplyAddEstimate(Vector256.Create(a[k..]), Vector256.Create(b[k..]), sum);
        var total = Vector256.Sum(sum);
        for (; k < a.Length; k++)
            total += a[k] * b[k];
        return total;
    }

    private static void ThrowUnlessPanel(ReadOnlySpan<float> values) => ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, PanelQueries);

    private static void SquaredNorms<V>(float* panel, int n, float* norms)
        where V : struct, ISimd<V>
    {
        PanelVector<V> sum = default;
        for (var k = 0; k < n; k++)
        {
            var q = PanelVector<V>.Load(panel + (k * PanelVector<V>.Count));
            sum = PanelVector<V>.MultiplyAdd(q, q, sum);
        }

        sum.Store(norms);
    }

    private static ulong Above<V>(float* products, float offset, float* limits)
        where V : struct, ISimd<V> =>
        PanelVector<V>.Above(PanelVector<V>.Subtract(PanelVector<V>.Load(products), offset), PanelVector<V>.Load(limits));

    private static bool AnyAbove<V>(float* products, float* queryResiduals, ReadOnlySpan<ResidualNorm> rows, float* limits)
        where V : struct, ISimd<V>
    {
        var (query, limit) = (PanelVector<V>.Load(queryResiduals), PanelVector<V>.Load(limits));
        var any = 0UL;
        foreach (var row in rows)
        {
            var bound = PanelVector<V>.MultiplyAdd(query, row.Residual, PanelVector<V>.Load(products));
            any |= PanelVector<V>.Above(PanelVector<V>.Subtract(bound, row.Half), limit);
            products += PanelVector<V>.Count;
        }

        return any != 0;
    }

    /// <summary>Multiplies 8 rows by 3 vectors of queries, with 24 sums in registers. The compiler keeps neither arrays nor structs of sums in registers, so each has a name.</summary>
    private static void MultiplyTile8<V>(float* panel, float* rows, long stride, int valid, int n, float* products, bool add)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + (Math.Min(1, valid - 1) * stride);
        float* b2 = rows + (Math.Min(2, valid - 1) * stride);
        float* b3 = rows + (Math.Min(3, valid - 1) * stride);
        float* b4 = rows + (Math.Min(4, valid - 1) * stride);
        float* b5 = rows + (Math.Min(5, valid - 1) * stride);
        float* b6 = rows + (Math.Min(6, valid - 1) * stride);
        float* b7 = rows + (Math.Min(7, valid - 1) * stride);
        Load(products, 0, add, out V s00, out V s01, out V s02);
        Load(products, 1, add, out V s10, out V s11, out V s12);
        Load(products, 2, add, out V s20, out V s21, out V s22);
        Load(products, 3, add, out V s30, out V s31, out V s32);
        Load(products, 4, add, out V s40, out V s41, out V s42);
        Load(products, 5, add, out V s50, out V s51, out V s52);
        Load(products, 6, add, out V s60, out V s61, out V s62);
        Load(products, 7, add, out V s70, out V s71, out V s72);
        for (var k = 0; k < n; k++, panel += 3 * V.Count)
        {
            V q0 = V.Load(panel), q1 = V.Load(panel + V.Count), q2 = V.Load(panel + (2 * V.Count));
            MultiplyAdd(q0, q1, q2, b0[k], ref s00, ref s01, ref s02);
            MultiplyAdd(q0, q1, q2, b1[k], ref s10, ref s11, ref s12);
            MultiplyAdd(q0, q1, q2, b2[k], ref s20, ref s21, ref s22);
            MultiplyAdd(q0, q1, q2, b3[k], ref s30, ref s31, ref s32);
            MultiplyAdd(q0, q1, q2, b4[k], ref s40, ref s41, ref s42);
            MultiplyAdd(q0, q1, q2, b5[k], ref s50, ref s51, ref s52);
            MultiplyAdd(q0, q1, q2, b6[k], ref s60, ref s61, ref s62);
            MultiplyAdd(q0, q1, q2, b7[k], ref s70, ref s71, ref s72);
        }

        Store(products, 0, s00, s01, s02);
        Store(products, 1, s10, s11, s12);
        Store(products, 2, s20, s21, s22);
        Store(products, 3, s30, s31, s32);
        Store(products, 4, s40, s41, s42);
        Store(products, 5, s50, s51, s52);
        Store(products, 6, s60, s61, s62);
        Store(products, 7, s70, s71, s72);
    }

    /// <summary>Multiplies 4 rows by 3 vectors of queries, with 12 sums in registers.</summary>
    private static void MultiplyTile4<V>(float* panel, float* rows, long stride, int valid, int n, float* products, bool add)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + (Math.Min(1, valid - 1) * stride);
        float* b2 = rows + (Math.Min(2, valid - 1) * stride);
        float* b3 = rows + (Math.Min(3, valid - 1) * stride);
        Load(products, 0, add, out V s00, out V s01, out V s02);
        Load(products, 1, add, out V s10, out V s11, out V s12);
        Load(products, 2, add, out V s20, out V s21, out V s22);
        Load(products, 3, add, out V s30, out V s31, out V s32);
        for (var k = 0; k < n; k++, panel += 3 * V.Count)
        {
            V q0 = V.Load(panel), q1 = V.Load(panel + V.Count), q2 = V.Load(panel + (2 * V.Count));
            MultiplyAdd(q0, q1, q2, b0[k], ref s00, ref s01, ref s02);
            MultiplyAdd(q0, q1, q2, b1[k], ref s10, ref s11, ref s12);
            MultiplyAdd(q0, q1, q2, b2[k], ref s20, ref s21, ref s22);
            MultiplyAdd(q0, q1, q2, b3[k], ref s30, ref s31, ref s32);
        }

        Store(products, 0, s00, s01, s02);
        Store(products, 1, s10, s11, s12);
        Store(products, 2, s20, s21, s22);
        Store(products, 3, s30, s31, s32);
    }

    /// <summary>Returns the initial sums of a row: 0, or the earlier products where they are added to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<V>(float* products, int row, bool add, out V s0, out V s1, out V s2)
        where V : struct, ISimd<V>
    {
        (s0, s1, s2) = (default, default, default);
        if (!add)
            return;
        products += row * 3 * V.Count;
        (s0, s1, s2) = (V.Load(products), V.Load(products + V.Count), V.Load(products + (2 * V.Count)));
    }

    /// <summary>Computes s += q·b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<V>(V q0, V q1, V q2, float value, ref V s0, ref V s1, ref V s2)
        where V : struct, ISimd<V>
    {
        var b = V.Broadcast(value);
        s0 = V.MultiplyAdd(q0, b, s0);
        s1 = V.MultiplyAdd(q1, b, s1);
        s2 = V.MultiplyAdd(q2, b, s2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(float* products, int row, V s0, V s1, V s2)
        where V : struct, ISimd<V>
    {
        products += row * 3 * V.Count;
        s0.Store(products);
        s1.Store(products + V.Count);
        s2.Store(products + (2 * V.Count));
    }
}
