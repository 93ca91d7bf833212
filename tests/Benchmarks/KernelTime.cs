using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MrfAd.Engine.Search;

namespace MrfAd.Benchmarks;

/// <summary>
/// Measures the arithmetic rate of the exact search where nothing can be ruled out, beside that of a loop of nothing but fused multiply-adds on the same cores in the same run:
/// the two in turn, each by its best time, so that other work on the machine counts little.
/// </summary>
internal static unsafe class KernelTime
{
    private const int Queries = 2048;

    // Rows of all dimensions fill about this memory, which no cache holds.
    private const int Values = 16 << 20;

    private const int Rounds = 7;

    // Multiply-adds of the loop in a round: some milliseconds.
    private const int PeakSteps = 2_000_000;

    // Chains of multiply-adds that do not wait for each other: more than latency × units of any core, and few enough for its registers.
    private const int Chains = 12;

    public static void Run(int threads)
    {
        Console.WriteLine($"isotropic rows, fp32, Q = {Queries}, {threads} threads, vectors of {Lanes} values");
        Console.WriteLine("| D | N | axes | search, GFLOP/s | multiply-adds alone, GFLOP/s | share |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var dimension in (int[])[64, 128, 192, 256, 384, 512, 768, 1024, 1536])
            Measure(dimension, threads);
    }

    private static int Lanes => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    private static void Measure(int dimension, int threads)
    {
        var count = Values / dimension;
        var generator = new Clusters("isotropic", dimension);
        using var memory = new Unmanaged((long)count * dimension * sizeof(float));
        generator.Next(count).CopyTo(new Span<float>(memory.Start, count * dimension));
        var queries = generator.Next(Queries);
        using var search = ExactSearch.Over(new BankRows(memory.Start, null, RowPrecision.Fp32, count, dimension));
        using var scratch = new SearchScratch(threads);
        var (distances, nearest) = (new float[Queries], new int[Queries]);
        var (best, peak) = (double.PositiveInfinity, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            peak = Math.Max(peak, Peak(threads));
            Array.Fill(nearest, -1);
            var start = Stopwatch.GetTimestamp();
            search.Search(queries, FeatureLayout.PatchesFirst, distances, nearest, scratch);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        var rate = 2.0 * Queries * count * dimension / best;
        Console.WriteLine(FormattableString.Invariant($"| {dimension} | {count:N0} | {search.Projection.Components} | {rate / 1e9:0} | {peak / 1e9:0} | {rate / peak:0 %} |"));
    }

    /// <returns>The rate of multiply-adds of all threads, in floating-point operations a second.</returns>
    private static double Peak(int threads)
    {
        var rates = new double[threads];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var start = Stopwatch.GetTimestamp();
            var sum = Vector512.IsHardwareAccelerated ? Loop512() : Vector256.IsHardwareAccelerated ? Loop256() : Loop128();
            rates[thread] = 2.0 * Lanes * Chains * PeakSteps / Stopwatch.GetElapsedTime(start).TotalSeconds;
            GC.KeepAlive(sum);
        });
        return rates.Sum();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop512()
    {
        var (a, b) = (Vector512.Create(0.999f), Vector512.Create(0.001f));
        Vector512<float> s0 = Vector512.Create(0f), s1 = Vector512.Create(1f), s2 = Vector512.Create(2f), s3 = Vector512.Create(3f), s4 = Vector512.Create(4f), s5 = Vector512.Create(5f), s6 = Vector512.Create(6f), s7 = Vector512.Create(7f), s8 = Vector512.Create(8f), s9 = Vector512.Create(9f), s10 = Vector512.Create(10f), s11 = Vector512.Create(11f); // not all the same, or the compiler makes them one
        for (var i = 0; i < PeakSteps; i++)
        {
            s0 = Vector512.MultiplyAddEstimate(s0, a, b);
            s1 = Vector512.MultiplyAddEstimate(s1, a, b);
            s2 = Vector512.MultiplyAddEstimate(s2, a, b);
            s3 = Vector512.MultiplyAddEstimate(s3, a, b);
            s4 = Vector512.MultiplyAddEstimate(s4, a, b);
            s5 = Vector512.MultiplyAddEstimate(s5, a, b);
            s6 = Vector512.MultiplyAddEstimate(s6, a, b);
            s7 = Vector512.MultiplyAddEstimate(s7, a, b);
            s8 = Vector512.MultiplyAddEstimate(s8, a, b);
            s9 = Vector512.MultiplyAddEstimate(s9, a, b);
            s10 = Vector512.MultiplyAddEstimate(s10, a, b);
            s11 = Vector512.MultiplyAddEstimate(s11, a, b);
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop256()
    {
        var (a, b) = (Vector256.Create(0.999f), Vector256.Create(0.001f));
        Vector256<float> s0 = Vector256.Create(0f), s1 = Vector256.Create(1f), s2 = Vector256.Create(2f), s3 = Vector256.Create(3f), s4 = Vector256.Create(4f), s5 = Vector256.Create(5f), s6 = Vector256.Create(6f), s7 = Vector256.Create(7f), s8 = Vector256.Create(8f), s9 = Vector256.Create(9f), s10 = Vector256.Create(10f), s11 = Vector256.Create(11f); // not all the same, or the compiler makes them one
        for (var i = 0; i < PeakSteps; i++)
        {
            s0 = Vector256.MultiplyAddEstimate(s0, a, b);
            s1 = Vector256.MultiplyAddEstimate(s1, a, b);
            s2 = Vector256.MultiplyAddEstimate(s2, a, b);
            s3 = Vector256.MultiplyAddEstimate(s3, a, b);
            s4 = Vector256.MultiplyAddEstimate(s4, a, b);
            s5 = Vector256.MultiplyAddEstimate(s5, a, b);
            s6 = Vector256.MultiplyAddEstimate(s6, a, b);
            s7 = Vector256.MultiplyAddEstimate(s7, a, b);
            s8 = Vector256.MultiplyAddEstimate(s8, a, b);
            s9 = Vector256.MultiplyAddEstimate(s9, a, b);
            s10 = Vector256.MultiplyAddEstimate(s10, a, b);
            s11 = Vector256.MultiplyAddEstimate(s11, a, b);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop128()
    {
        var (a, b) = (Vector128.Create(0.999f), Vector128.Create(0.001f));
        Vector128<float> s0 = Vector128.Create(0f), s1 = Vector128.Create(1f), s2 = Vector128.Create(2f), s3 = Vector128.Create(3f), s4 = Vector128.Create(4f), s5 = Vector128.Create(5f), s6 = Vector128.Create(6f), s7 = Vector128.Create(7f), s8 = Vector128.Create(8f), s9 = Vector128.Create(9f), s10 = Vector128.Create(10f), s11 = Vector128.Create(11f); // not all the same, or the compiler makes them one
        for (var i = 0; i < PeakSteps; i++)
        {
            s0 = Vector128.MultiplyAddEstimate(s0, a, b);
            s1 = Vector128.MultiplyAddEstimate(s1, a, b);
            s2 = Vector128.MultiplyAddEstimate(s2, a, b);
            s3 = Vector128.MultiplyAddEstimate(s3, a, b);
            s4 = Vector128.MultiplyAddEstimate(s4, a, b);
            s5 = Vector128.MultiplyAddEstimate(s5, a, b);
            s6 = Vector128.MultiplyAddEstimate(s6, a, b);
            s7 = Vector128.MultiplyAddEstimate(s7, a, b);
            s8 = Vector128.MultiplyAddEstimate(s8, a, b);
            s9 = Vector128.MultiplyAddEstimate(s9, a, b);
            s10 = Vector128.MultiplyAddEstimate(s10, a, b);
            s11 = Vector128.MultiplyAddEstimate(s11, a, b);
        }

        return Vector128.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }
}
