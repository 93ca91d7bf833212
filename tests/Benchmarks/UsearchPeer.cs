using System.Diagnostics;
using System.Runtime.InteropServices;
using Cloud.Unum.USearch;

namespace MrfAd.Benchmarks;

/// <summary>USearch on the same rows and queries, in this process: its exact search, and its graph of small worlds (HNSW) with its defaults.</summary>
internal static unsafe partial class UsearchPeer
{
    // A graph of more rows takes minutes to build, which happens on one thread.
    private const int MostGraphRows = 30_000;

    /// <param name="rows">The rows, fp32, row-major [N, D].</param>
    /// <param name="report">Called with the name of a way, its best time in seconds, and the distances that it found.</param>
    public static void Run(float* rows, int count, int dimension, float[] queries, int threads, Action<string, double, float[]> report)
    {
        var found = queries.Length / dimension;
        var (keys, squared) = (new ulong[found], new float[found]);
        var seconds = Best(() => Exact(rows, count, dimension, queries, threads, keys, squared));
        report($"USearch {USearchCapabilities.Version()} exact", seconds, [.. squared.Select(MathF.Sqrt)]);
        if (count > MostGraphRows)
            return;
        using var index = new USearchIndex(MetricKind.L2sq, ScalarKind.Float32, (ulong)dimension, connectivity: 0, expansionAdd: 0, expansionSearch: 0, multi: false);
        for (var row = 0; row < count; row++)
            index.Add((ulong)row, new ReadOnlySpan<float>(rows + ((long)row * dimension), dimension).ToArray());
        var vectors = queries.Chunk(dimension).ToArray();
        seconds = Best(() => Parallel.For(0, found, new ParallelOptions { MaxDegreeOfParallelism = threads }, q =>
        {
            index.Search(vectors[q], 1, out _, out var distances);
            squared[q] = distances[0];
        }));
        report($"USearch {USearchCapabilities.Version()} HNSW", seconds, [.. squared.Select(MathF.Sqrt)]);
    }

    private static double Best(Action search)
    {
        var (best, spent) = (double.PositiveInfinity, 0.0);
        for (var run = 0; run == 0 || (spent < 10 && run < 5); run++)
        {
            var start = Stopwatch.GetTimestamp();
            search();
            var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (best, spent) = (Math.Min(best, took), spent + took);
        }

        return best;
    }

    private static void Exact(float* rows, int count, int dimension, float[] queries, int threads, ulong[] keys, float[] squared)
    {
        var stride = (nuint)dimension * sizeof(float);
        byte* error = null;
        fixed (float* q = queries, distances = squared)
        fixed (ulong* k = keys)
        {
            usearch_exact_search(
                rows, (nuint)count, stride, q, (nuint)(queries.Length / dimension), stride, ScalarKind.Float32, (nuint)dimension, MetricKind.L2sq, 1, (nuint)threads, k, sizeof(ulong), distances, sizeof(float), &error);
        }

        if (error is not null)
            throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)error));
    }

    // The package has no method for it.
    [LibraryImport("libusearch_c")]
    private static partial void usearch_exact_search(
        float* dataset, nuint datasetSize, nuint datasetStride, float* queries, nuint queriesSize, nuint queriesStride, ScalarKind scalar, nuint dimensions, MetricKind metric, nuint count, nuint threads,
        ulong* keys, nuint keysStride, float* distances, nuint distancesStride, byte** error);
}
