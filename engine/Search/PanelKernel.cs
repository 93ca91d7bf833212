using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MrfAd.Engine.Search;

/// <summary>
/// The inner product of a panel of queries with rows, reduced to the greatest q·b − ‖b‖²/2 of each query in registers:
/// the product itself is never written to memory. Queries lie across the lanes of three vectors, rows are broadcast.
/// </summary>
internal static unsafe class PanelKernel
{
    /// <summary>Queries of a panel: three vectors of the widest unit there is.</summary>
    public static int PanelQueries { get; } = 3 * (Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4);

    /// <summary>Compares every query of the panel with every row, keeping the best.</summary>
    /// <param name="panel">[D, PanelQueries].</param>
    /// <param name="rows">[count, D].</param>
    /// <param name="first">The index of the first of these rows in the bank.</param>
    /// <param name="halfNorms">[count], ‖b‖²/2.</param>
    /// <param name="best">[PanelQueries], raised where a row is better.</param>
    /// <param name="row">[PanelQueries], the index of that row (the bits of an int).</param>
    public static void Run(float* panel, float* rows, int count, int first, float* halfNorms, int dimension, float* best, float* row)
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Simd512>(8, panel, rows, count, first, halfNorms, dimension, best, row);
        else if (Vector256.IsHardwareAccelerated)
            Run<Simd256>(4, panel, rows, count, first, halfNorms, dimension, best, row);
        else
            Run<Simd128>(System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? 8 : 4, panel, rows, count, first, halfNorms, dimension, best, row);
    }

    // 8 rows where there are 32 vector registers (AVX-512, NEON), 4 where there are 16: the sums must never leave them.
    private static void Run<V>(int tileRows, float* panel, float* rows, int count, int first, float* halfNorms, int dimension, float* best, float* row)
        where V : struct, ISimd<V>
    {
        for (var r = 0; r < count; r += tileRows)
        {
            if (tileRows == 8)
                Tile8<V>(panel, rows + (long)r * dimension, Math.Min(8, count - r), first + r, halfNorms + r, dimension, best, row);
            else
                Tile4<V>(panel, rows + (long)r * dimension, Math.Min(4, count - r), first + r, halfNorms + r, dimension, best, row);
        }
    }

    /// <summary>8 rows × 3 vectors of queries: 24 sums in registers.</summary>
    private static void Tile8<V>(float* panel, float* rows, int valid, int first, float* halfNorms, int n, float* best, float* row)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + (long)Math.Min(1, valid - 1) * n;
        float* b2 = rows + (long)Math.Min(2, valid - 1) * n;
        float* b3 = rows + (long)Math.Min(3, valid - 1) * n;
        float* b4 = rows + (long)Math.Min(4, valid - 1) * n;
        float* b5 = rows + (long)Math.Min(5, valid - 1) * n;
        float* b6 = rows + (long)Math.Min(6, valid - 1) * n;
        float* b7 = rows + (long)Math.Min(7, valid - 1) * n;
        V s00 = default, s01 = default, s02 = default;
        V s10 = default, s11 = default, s12 = default;
        V s20 = default, s21 = default, s22 = default;
        V s30 = default, s31 = default, s32 = default;
        V s40 = default, s41 = default, s42 = default;
        V s50 = default, s51 = default, s52 = default;
        V s60 = default, s61 = default, s62 = default;
        V s70 = default, s71 = default, s72 = default;
        for (var k = 0; k < n; k++)
        {
            var q0 = V.Load(panel);
            var q1 = V.Load(panel + V.Count);
            var q2 = V.Load(panel + 2 * V.Count);
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

        Keep(s00, s01, s02, Math.Min(0, valid - 1), first, halfNorms, best, row);
        Keep(s10, s11, s12, Math.Min(1, valid - 1), first, halfNorms, best, row);
        Keep(s20, s21, s22, Math.Min(2, valid - 1), first, halfNorms, best, row);
        Keep(s30, s31, s32, Math.Min(3, valid - 1), first, halfNorms, best, row);
        Keep(s40, s41, s42, Math.Min(4, valid - 1), first, halfNorms, best, row);
        Keep(s50, s51, s52, Math.Min(5, valid - 1), first, halfNorms, best, row);
        Keep(s60, s61, s62, Math.Min(6, valid - 1), first, halfNorms, best, row);
        Keep(s70, s71, s72, Math.Min(7, valid - 1), first, halfNorms, best, row);
    }

    /// <summary>4 rows × 3 vectors of queries: 12 sums in registers.</summary>
    private static void Tile4<V>(float* panel, float* rows, int valid, int first, float* halfNorms, int n, float* best, float* row)
        where V : struct, ISimd<V>
    {
        float* b0 = rows;
        float* b1 = rows + (long)Math.Min(1, valid - 1) * n;
        float* b2 = rows + (long)Math.Min(2, valid - 1) * n;
        float* b3 = rows + (long)Math.Min(3, valid - 1) * n;
        V s00 = default, s01 = default, s02 = default;
        V s10 = default, s11 = default, s12 = default;
        V s20 = default, s21 = default, s22 = default;
        V s30 = default, s31 = default, s32 = default;
        for (var k = 0; k < n; k++)
        {
            var q0 = V.Load(panel);
            var q1 = V.Load(panel + V.Count);
            var q2 = V.Load(panel + 2 * V.Count);
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

        Keep(s00, s01, s02, Math.Min(0, valid - 1), first, halfNorms, best, row);
        Keep(s10, s11, s12, Math.Min(1, valid - 1), first, halfNorms, best, row);
        Keep(s20, s21, s22, Math.Min(2, valid - 1), first, halfNorms, best, row);
        Keep(s30, s31, s32, Math.Min(3, valid - 1), first, halfNorms, best, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<V>(V s0, V s1, V s2, int r, int first, float* halfNorms, float* best, float* row)
        where V : struct, ISimd<V>
    {
        var half = V.Broadcast(halfNorms[r]);
        var index = V.Broadcast(BitConverter.Int32BitsToSingle(first + r));
        KeepVector(V.Subtract(s0, half), index, best, row);
        KeepVector(V.Subtract(s1, half), index, best + V.Count, row + V.Count);
        KeepVector(V.Subtract(s2, half), index, best + 2 * V.Count, row + 2 * V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeepVector<V>(V score, V index, float* best, float* row)
        where V : struct, ISimd<V>
    {
        var old = V.Load(best);
        var better = V.GreaterThan(score, old);
        V.Select(better, score, old).Store(best);
        V.Select(better, index, V.Load(row)).Store(row);
    }
}
