using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace MrfAd.Engine.Search;

/// <summary>
/// Inner products of a panel of queries with a tile of rows, in registers: the one loop in which a search spends its time.
/// Queries lie across the lanes of three vectors, rows are broadcast, so there are no horizontal sums.
/// </summary>
internal static unsafe class PanelKernel
{
    /// <summary>Queries of a panel: three vectors of the widest unit there is.</summary>
    public static int PanelQueries { get; } = 3 * (Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4);

    /// <summary>The greatest value <see cref="PanelQueries"/> has anywhere.</summary>
    public const int MostQueries = 48;

    /// <summary>Rows of a tile: 8 where there are 32 vector registers (AVX-512, NEON), 4 where there are 16; the sums must never leave them.</summary>
    public static int TileRows { get; } = Vector512.IsHardwareAccelerated || AdvSimd.IsSupported ? 8 : 4;

    /// <summary>products[r, i] = rows[r]·panel[:, i].</summary>
    /// <param name="panel">[n, PanelQueries].</param>
    /// <param name="rows">The first of the rows; the next lies <paramref name="stride"/> values further on.</param>
    /// <param name="valid">Rows there are, 1 to TileRows; the others' products repeat the last one's.</param>
    /// <param name="n">Values of a row that take part.</param>
    /// <param name="products">[TileRows, PanelQueries], filled.</param>
    /// <param name="add">What is in <paramref name="products"/> is added to: the earlier values of the same rows.</param>
    public static void Multiply(float* panel, float* rows, long stride, int valid, int n, float* products, bool add = false)
    {
        if (Vector512.IsHardwareAccelerated)
            Tile8<Simd512>(panel, rows, stride, valid, n, products, add);
        else if (Vector256.IsHardwareAccelerated)
            Tile4<Simd256>(panel, rows, stride, valid, n, products, add);
        else if (AdvSimd.IsSupported)
            Tile8<Simd128>(panel, rows, stride, valid, n, products, add);
        else
            Tile4<Simd128>(panel, rows, stride, valid, n, products, add);
    }

    /// <summary>Whether any query has, with any of the rows, products[r, i] + queryRests[i]·rowRests[r].Rest − rowRests[r].Half above its limit.</summary>
    /// <param name="products">[TileRows, PanelQueries], of the first <paramref name="valid"/> rows.</param>
    /// <param name="queryRests">[PanelQueries].</param>
    /// <param name="rowRests">[valid].</param>
    /// <param name="limits">[PanelQueries].</param>
    public static bool AnyAbove(float* products, int valid, float* queryRests, RowRest* rowRests, float* limits)
    {
        if (Vector512.IsHardwareAccelerated)
            return AnyAbove<Simd512>(products, valid, queryRests, rowRests, limits);
        return Vector256.IsHardwareAccelerated
            ? AnyAbove<Simd256>(products, valid, queryRests, rowRests, limits)
            : AnyAbove<Simd128>(products, valid, queryRests, rowRests, limits);
    }

    /// <summary>Which queries have a product above their own limit: bit i of the answer is query i.</summary>
    /// <param name="products">[PanelQueries], of one row.</param>
    /// <param name="offset">Subtracted from each product first.</param>
    /// <param name="limits">[PanelQueries].</param>
    public static ulong Above(float* products, float offset, float* limits)
    {
        if (Vector512.IsHardwareAccelerated)
            return Above<Simd512>(products, offset, limits);
        return Vector256.IsHardwareAccelerated ? Above<Simd256>(products, offset, limits) : Above<Simd128>(products, offset, limits);
    }

    /// <returns>The greatest of products[i] − offsets[i], over the panel.</returns>
    public static float Highest(float* products, float* offsets)
    {
        var highest = Vector128.Load(products) - Vector128.Load(offsets);
        for (var i = 4; i < PanelQueries; i += 4)
            highest = Vector128.Max(highest, Vector128.Load(products + i) - Vector128.Load(offsets + i));
        return Math.Max(Math.Max(highest[0], highest[1]), Math.Max(highest[2], highest[3]));
    }

    /// <summary>norms[i] = Σ_k panel[k, i]².</summary>
    public static void SquaredNorms(float* panel, int n, float* norms)
    {
        if (Vector512.IsHardwareAccelerated)
            SquaredNorms<Simd512>(panel, n, norms);
        else if (Vector256.IsHardwareAccelerated)
            SquaredNorms<Simd256>(panel, n, norms);
        else
            SquaredNorms<Simd128>(panel, n, norms);
    }

    private static void SquaredNorms<V>(float* panel, int n, float* norms)
        where V : struct, ISimd<V>
    {
        V s0 = default, s1 = default, s2 = default;
        for (var k = 0; k < n; k++, panel += 3 * V.Count)
        {
            var (q0, q1, q2) = (V.Load(panel), V.Load(panel + V.Count), V.Load(panel + (2 * V.Count)));
            s0 = V.MultiplyAdd(q0, q0, s0);
            s1 = V.MultiplyAdd(q1, q1, s1);
            s2 = V.MultiplyAdd(q2, q2, s2);
        }

        Store(norms, 0, s0, s1, s2);
    }

    private static ulong Above<V>(float* products, float offset, float* limits)
        where V : struct, ISimd<V>
    {
        var half = V.Broadcast(offset);
        return V.Above(V.Subtract(V.Load(products), half), V.Load(limits))
            | (V.Above(V.Subtract(V.Load(products + V.Count), half), V.Load(limits + V.Count)) << V.Count)
            | (V.Above(V.Subtract(V.Load(products + (2 * V.Count)), half), V.Load(limits + (2 * V.Count))) << (2 * V.Count));
    }

    private static bool AnyAbove<V>(float* products, int valid, float* queryRests, RowRest* rowRests, float* limits)
        where V : struct, ISimd<V>
    {
        var (q0, q1, q2) = (V.Load(queryRests), V.Load(queryRests + V.Count), V.Load(queryRests + (2 * V.Count)));
        var (l0, l1, l2) = (V.Load(limits), V.Load(limits + V.Count), V.Load(limits + (2 * V.Count)));
        var any = 0UL;
        for (var r = 0; r < valid; r++, products += 3 * V.Count)
        {
            var (rest, half) = (V.Broadcast(rowRests[r].Rest), V.Broadcast(rowRests[r].Half));
            any |= V.Above(V.Subtract(V.MultiplyAdd(q0, rest, V.Load(products)), half), l0)
                | V.Above(V.Subtract(V.MultiplyAdd(q1, rest, V.Load(products + V.Count)), half), l1)
                | V.Above(V.Subtract(V.MultiplyAdd(q2, rest, V.Load(products + (2 * V.Count))), half), l2);
        }

        return any != 0;
    }

    /// <summary>8 rows × 3 vectors of queries: 24 sums in registers.</summary>
    private static void Tile8<V>(float* panel, float* rows, long stride, int valid, int n, float* products, bool add)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + Math.Min(1, valid - 1) * stride;
        float* b2 = rows + Math.Min(2, valid - 1) * stride;
        float* b3 = rows + Math.Min(3, valid - 1) * stride;
        float* b4 = rows + Math.Min(4, valid - 1) * stride;
        float* b5 = rows + Math.Min(5, valid - 1) * stride;
        float* b6 = rows + Math.Min(6, valid - 1) * stride;
        float* b7 = rows + Math.Min(7, valid - 1) * stride;
        V s00 = default, s01 = default, s02 = default;
        V s10 = default, s11 = default, s12 = default;
        V s20 = default, s21 = default, s22 = default;
        V s30 = default, s31 = default, s32 = default;
        V s40 = default, s41 = default, s42 = default;
        V s50 = default, s51 = default, s52 = default;
        V s60 = default, s61 = default, s62 = default;
        V s70 = default, s71 = default, s72 = default;
        if (add)
        {
            Load(products, 0, out s00, out s01, out s02);
            Load(products, 1, out s10, out s11, out s12);
            Load(products, 2, out s20, out s21, out s22);
            Load(products, 3, out s30, out s31, out s32);
            Load(products, 4, out s40, out s41, out s42);
            Load(products, 5, out s50, out s51, out s52);
            Load(products, 6, out s60, out s61, out s62);
            Load(products, 7, out s70, out s71, out s72);
        }

        for (var k = 0; k < n; k++)
        {
            var q0 = V.Load(panel);
            var q1 = V.Load(panel + V.Count);
            var q2 = V.Load(panel + (2 * V.Count));
            panel += 3 * V.Count;
            var b = V.Broadcast(b0[k]);
            s00 = V.MultiplyAdd(q0, b, s00);
            s01 = V.MultiplyAdd(q1, b, s01);
            s02 = V.MultiplyAdd(q2, b, s02);
            b = V.Broadcast(b1[k]);
            s10 = V.MultiplyAdd(q0, b, s10);
            s11 = V.MultiplyAdd(q1, b, s11);
            s12 = V.MultiplyAdd(q2, b, s12);
            b = V.Broadcast(b2[k]);
            s20 = V.MultiplyAdd(q0, b, s20);
            s21 = V.MultiplyAdd(q1, b, s21);
            s22 = V.MultiplyAdd(q2, b, s22);
            b = V.Broadcast(b3[k]);
            s30 = V.MultiplyAdd(q0, b, s30);
            s31 = V.MultiplyAdd(q1, b, s31);
            s32 = V.MultiplyAdd(q2, b, s32);
            b = V.Broadcast(b4[k]);
            s40 = V.MultiplyAdd(q0, b, s40);
            s41 = V.MultiplyAdd(q1, b, s41);
            s42 = V.MultiplyAdd(q2, b, s42);
            b = V.Broadcast(b5[k]);
            s50 = V.MultiplyAdd(q0, b, s50);
            s51 = V.MultiplyAdd(q1, b, s51);
            s52 = V.MultiplyAdd(q2, b, s52);
            b = V.Broadcast(b6[k]);
            s60 = V.MultiplyAdd(q0, b, s60);
            s61 = V.MultiplyAdd(q1, b, s61);
            s62 = V.MultiplyAdd(q2, b, s62);
            b = V.Broadcast(b7[k]);
            s70 = V.MultiplyAdd(q0, b, s70);
            s71 = V.MultiplyAdd(q1, b, s71);
            s72 = V.MultiplyAdd(q2, b, s72);
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

    /// <summary>4 rows × 3 vectors of queries: 12 sums in registers.</summary>
    private static void Tile4<V>(float* panel, float* rows, long stride, int valid, int n, float* products, bool add)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + Math.Min(1, valid - 1) * stride;
        float* b2 = rows + Math.Min(2, valid - 1) * stride;
        float* b3 = rows + Math.Min(3, valid - 1) * stride;
        V s00 = default, s01 = default, s02 = default;
        V s10 = default, s11 = default, s12 = default;
        V s20 = default, s21 = default, s22 = default;
        V s30 = default, s31 = default, s32 = default;
        if (add)
        {
            Load(products, 0, out s00, out s01, out s02);
            Load(products, 1, out s10, out s11, out s12);
            Load(products, 2, out s20, out s21, out s22);
            Load(products, 3, out s30, out s31, out s32);
        }

        for (var k = 0; k < n; k++)
        {
            var q0 = V.Load(panel);
            var q1 = V.Load(panel + V.Count);
            var q2 = V.Load(panel + (2 * V.Count));
            panel += 3 * V.Count;
            var b = V.Broadcast(b0[k]);
            s00 = V.MultiplyAdd(q0, b, s00);
            s01 = V.MultiplyAdd(q1, b, s01);
            s02 = V.MultiplyAdd(q2, b, s02);
            b = V.Broadcast(b1[k]);
            s10 = V.MultiplyAdd(q0, b, s10);
            s11 = V.MultiplyAdd(q1, b, s11);
            s12 = V.MultiplyAdd(q2, b, s12);
            b = V.Broadcast(b2[k]);
            s20 = V.MultiplyAdd(q0, b, s20);
            s21 = V.MultiplyAdd(q1, b, s21);
            s22 = V.MultiplyAdd(q2, b, s22);
            b = V.Broadcast(b3[k]);
            s30 = V.MultiplyAdd(q0, b, s30);
            s31 = V.MultiplyAdd(q1, b, s31);
            s32 = V.MultiplyAdd(q2, b, s32);
        }

        Store(products, 0, s00, s01, s02);
        Store(products, 1, s10, s11, s12);
        Store(products, 2, s20, s21, s22);
        Store(products, 3, s30, s31, s32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<V>(float* products, int r, out V s0, out V s1, out V s2)
        where V : struct, ISimd<V>
    {
        var at = products + (r * 3 * V.Count);
        (s0, s1, s2) = (V.Load(at), V.Load(at + V.Count), V.Load(at + (2 * V.Count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(float* products, int r, V s0, V s1, V s2)
        where V : struct, ISimd<V>
    {
        var at = products + (r * 3 * V.Count);
        s0.Store(at);
        s1.Store(at + V.Count);
        s2.Store(at + (2 * V.Count));
    }
}
