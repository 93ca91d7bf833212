using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Search;

namespace MrfAd.Benchmarks;

/// <summary>Compares the exact search with FAISS on the same rows and queries, and measures the time of a query as banks grow.</summary>
internal static unsafe class SearchTime
{
    private const int Queries = 2048;

    // Number of queries whose distance is also computed by definition in fp64.
    private const int Checked = 64;

    /// <summary>The processor that OpenBLAS is told: Debian's does not know newer ones, and takes its slowest kernel for them.</summary>
    public static string OpenBlasCore => Avx512F.IsSupported ? "SkylakeX" : "Haswell";

    /// <param name="source">"clustered", "isotropic", or the folder of an object in MVTec AD's layout.</param>
    /// <param name="dimension">D of generated rows.</param>
    /// <param name="encoder">ONNX file or descriptor, if the source is a folder.</param>
    /// <param name="layer">Name of the encoder's layer, if the source is a folder.</param>
    public static void Compare(string source, int count, int dimension, string? encoder, string? layer, int threads)
    {
        var (rowsPath, queriesPath) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            if (encoder is null)
                (count, dimension) = Generate(source, count, dimension, rowsPath, queriesPath);
            else
                (count, dimension) = Extract(source, count, encoder, layer!, rowsPath, queriesPath);
            Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(source)} {layer}, N = {count:N0}, D = {dimension}, Q = {Queries:N0}, {threads} threads"));
            var queries = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(queriesPath)).ToArray();
            using var mapped = new Mapped(rowsPath);
            var ours = Ours(new BankRows(mapped.Start, null, RowPrecision.Fp32, count, dimension), queries, threads);
            // With very many rows FAISS's slower methods would take hours.
            Peers(rowsPath, queriesPath, dimension, threads, ours, all: count <= 500_000);
            if (count <= 500_000)
                UsearchPeer.Run((float*)mapped.Start, count, dimension, queries, threads, (name, seconds, theirs) => PrintPeer(name, seconds, theirs, ours));
        }
        finally
        {
            File.Delete(rowsPath);
            File.Delete(queriesPath);
        }
    }

    /// <summary>Prints the milliseconds of a query for generated int8 rows, from 10⁴ to <paramref name="max"/>.</summary>
    public static void Growth(int max, int dimension, int threads)
    {
        Console.WriteLine($"int8 rows, clustered, D = {dimension}, Q = {Queries}, {threads} threads");
        Console.WriteLine("| N | axes | rows compared in full, a query | microseconds a query | bytes a row | peak memory, MB |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var generator = new Clusters("clustered", dimension);
        var queries = generator.Next(Queries);
        using var rowMemory = new Unmanaged((long)max * dimension);
        using var scaleMemory = new Unmanaged((long)max * sizeof(float));
        var stored = rowMemory.Start;
        var scales = (float*)scaleMemory.Start;
        var made = 0;
        for (long wanted = 10_000; wanted <= max; wanted = wanted * 4 > max && wanted < max ? max : wanted * 4)
        {
            for (; made < wanted; made++)
                scales[made] = RowPrecision.Int8.Encode(generator.Next(1), new Span<byte>(stored + ((long)made * dimension), dimension));
            var rows = new BankRows(stored, scales, RowPrecision.Int8, made, dimension);
            using var search = ExactSearch.Over(rows);
            using var scratch = new SearchScratch(threads);
            var (seconds, _) = Time(search, queries, scratch);
            var runs = scratch.Candidates / (double)Runs(seconds) / Queries;
            var bytes = dimension + sizeof(float) + (search.Projection.Stride * sizeof(float));
            Console.WriteLine(FormattableString.Invariant($"| {made:N0} | {search.Projection.Components} | {runs:0.0} | {seconds / Queries * 1e6:0.0} | {bytes} ({(double)bytes / dimension:0.00} D) | {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} |"));
        }
    }

    /// <summary>Measures the time of a coreset, and the distance that it leaves uncovered compared with as many random rows.</summary>
    public static void Reduce(int count, int dimension, int keep)
    {
        var generator = new Clusters("clustered", dimension);
        using var memory = new Unmanaged((long)count * dimension * sizeof(float));
        var values = (float*)memory.Start;
        for (var made = 0; made < count; made += 1000)
            generator.Next(Math.Min(1000, count - made)).CopyTo(new Span<float>(values + ((long)made * dimension), Math.Min(1000, count - made) * dimension));
        var rows = new BankRows(values, null, RowPrecision.Fp32, count, dimension);
        var start = Stopwatch.GetTimestamp();
        var chosen = Coreset.Choose(rows, keep, 1, null, default);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var queries = generator.Next(Queries);
        var random = new Random(1);
        Console.WriteLine(FormattableString.Invariant(
            $"clustered, {keep:N0} of {count:N0} rows, D = {dimension}: {seconds:0.0} s; maximum distance of {Queries} other rows to the nearest kept: {MaxDistance(chosen):0.000}, of as many random rows {MaxDistance([.. Enumerable.Range(0, keep).Select(_ => random.Next(count))]):0.000}; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));

        float MaxDistance(int[] kept)
        {
            using var part = new Unmanaged((long)kept.Length * dimension * sizeof(float));
            for (var i = 0; i < kept.Length; i++)
                new Span<float>(values + ((long)kept[i] * dimension), dimension).CopyTo(new Span<float>((float*)part.Start + ((long)i * dimension), dimension));
            using var search = ExactSearch.Over(new BankRows(part.Start, null, RowPrecision.Fp32, kept.Length, dimension));
            using var scratch = new SearchScratch(2);
            return Time(search, queries, scratch).Distances.Max();
        }
    }

    private static float[] Ours(BankRows rows, float[] queries, int threads)
    {
        var start = Stopwatch.GetTimestamp();
        using var search = ExactSearch.Over(rows);
        var built = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var scratch = new SearchScratch(threads);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var (seconds, distances) = Time(search, queries, scratch);
        var operations = 2.0 * Queries * rows.Count * rows.Dimension;
        Console.WriteLine(FormattableString.Invariant(
            $"exact, certified: {seconds:0.000} s ({operations / seconds / 1e9:0} GFLOP/s were it computed in full); {search.Projection.Components} axes, {(double)scratch.Candidates / Runs(seconds) / Queries:0.0} rows of {rows.Count} compared in full a query; made ready in {built:0.0} s; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
        Console.WriteLine(FormattableString.Invariant($"maximum relative error against fp64: {MaxError(rows, queries, distances):0.0e0} of {Checked} queries"));

        Seconds = seconds;
        if (rows.Count > 500_000)
            return distances;
        start = Stopwatch.GetTimestamp();
        using var ivf = new IvfFlatSearch(search);
        built = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (ivfSeconds, approximate) = Time(ivf, queries, scratch);
        Console.WriteLine(FormattableString.Invariant($"our IVF-Flat(512, 32): {ivfSeconds:0.000} s, recall {Recall(approximate, distances):0.000}, mean distance +{100 * Excess(approximate, distances):0.00} %; made ready in {built:0.0} s"));
        return distances;
    }

    private static double Seconds { get; set; }

    private static void Peers(string rows, string queries, int dimension, int threads, float[] distances, bool all)
    {
        foreach (var tuned in all ? new[] { true, false } : [true])
        {
            var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "peer_faiss.py"), rows, queries, $"{dimension}", $"{threads}", .. tuned && all ? ["flat", "ivf"] : new[] { "flat" }]) { RedirectStandardOutput = true };
            if (tuned)
                start.Environment["OPENBLAS_CORETYPE"] = OpenBlasCore;
            using var python = Process.Start(start)!;
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            if (python.ExitCode != 0)
            {
                Console.WriteLine("FAISS was not compared: apt-get install python3-faiss");
                return;
            }

            using var result = JsonDocument.Parse(output);
            foreach (var kind in result.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object))
            {
                var theirs = kind.Value.GetProperty("distances").EnumerateArray().Select(e => e.GetSingle()).ToArray();
                var seconds = kind.Value.GetProperty("search_s").GetDouble();
                PrintPeer($"FAISS {result.RootElement.GetProperty("faiss").GetString()} {(kind.Name == "flat" ? "IndexFlatL2" : "IndexIVFFlat(512, 32)")}{(tuned ? ", OPENBLAS_CORETYPE set" : "")}", seconds, theirs, distances);
            }
        }
    }

    private static void PrintPeer(string name, double seconds, float[] theirs, float[] exact) =>
        Console.WriteLine(FormattableString.Invariant($"{name}: {seconds:0.000} s, recall {Recall(theirs, exact):0.000}; we are {seconds / Seconds:0.0} times as fast"));

    // Some seconds of runs: the runtime compiles the loops anew while the first ones go on.
    private static int Runs(double seconds) => Math.Clamp((int)(3 / seconds), 1, 200) + 1;

    private static (double Seconds, float[] Distances) Time(IRowSearch search, float[] queries, SearchScratch scratch)
    {
        var (distances, nearest) = (new float[Queries], new int[Queries]);
        var best = double.PositiveInfinity;
        for (var run = 0; run < (double.IsInfinity(best) ? 2 : Runs(best)); run++)
        {
            Array.Fill(nearest, -1); // no initial guesses
            var start = Stopwatch.GetTimestamp();
            search.Search(queries, FeatureLayout.PatchesFirst, distances, nearest, scratch);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (best, distances);
    }

    private static double Recall(float[] distances, float[] exact) => distances.Zip(exact).Count(p => p.First <= p.Second * (1 + 1e-4f) + 1e-3f) / (double)exact.Length;

    private static double Excess(float[] distances, float[] exact) => (distances.Average() / exact.Average()) - 1;

    private static double MaxError(BankRows rows, float[] queries, float[] distances)
    {
        var (d, errors) = (rows.Dimension, new double[Checked]);
        Parallel.For(0, Checked, c =>
        {
            var query = c * (Queries / Checked);
            var min = double.PositiveInfinity;
            for (var row = 0; row < rows.Count; row++)
            {
                var values = rows.Get(row, []);
                var sum = 0.0;
                for (var k = 0; k < d && sum < min; k++)
                {
                    var difference = (double)queries[(query * d) + k] - values[k];
                    sum += difference * difference;
                }

                min = Math.Min(min, sum);
            }

            errors[c] = min > 0 ? Math.Abs((distances[query] / Math.Sqrt(min)) - 1) : distances[query];
        });
        return errors.Max();
    }

    private static (int Count, int Dimension) Generate(string kind, int count, int dimension, string rowsPath, string queriesPath)
    {
        var clusters = new Clusters(kind, dimension);
        File.WriteAllBytes(queriesPath, MemoryMarshal.AsBytes(clusters.Next(Queries).AsSpan()));
        using var rows = File.Create(rowsPath);
        for (var made = 0; made < count; made += 1000)
            rows.Write(MemoryMarshal.AsBytes(clusters.Next(Math.Min(1000, count - made)).AsSpan()));
        return (count, dimension);
    }

    /// <summary>Extracts rows from the good training images at scales 1 and 0.8, and queries from all test images at scale 1.</summary>
    private static (int Count, int Dimension) Extract(string folder, int max, string encoderPath, string layer, string rowsPath, string queriesPath)
    {
        var random = new Random(1);
        using var encoder = Encoder.Open(encoderPath, [layer], Environment.ProcessorCount);
        var (dimension, kept) = (0, 0);
        using (var rows = File.Create(rowsPath))
        {
            var images = Directory.GetFiles(Path.Combine(folder, "train", "good")).Order(StringComparer.Ordinal).ToList();
            foreach (var path in images)
                kept += Write(path, [1, 0.8], rows, max / images.Count);
        }

        using (var queries = File.Create(queriesPath))
        {
            var images = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            for (var left = Queries; left > 0;)
                left -= Write(images[random.Next(images.Count)], [1], queries, Math.Min(64, left));
        }

        return (kept, dimension);

        int Write(string path, double[] scales, FileStream target, int wanted)
        {
            using var image = ImageCodec.Read(path);
            using var pyramid = new FeaturePyramid(encoder, new MrfAdOptions { Scales = scales }, image.Width, image.Height);
            pyramid.Extract(image);
            var patches = Enumerable.Range(0, pyramid.Branches).SelectMany(b => Enumerable.Range(0, pyramid.Branch(b).Count).Select(p => (b, p))).ToArray();
            random.Shuffle(patches);
            var chosen = patches.Take(wanted).OrderBy(p => p).ToList();
            foreach (var (branch, patch) in chosen)
            {
                var features = pyramid.Branch(branch);
                dimension = features.Dimension;
                var vector = new float[dimension];
                features.CopyPatch(patch, vector);
                target.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            }

            return chosen.Count;
        }
    }

    private sealed class Mapped : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        public Mapped(string path)
        {
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start;
        }

        public byte* Start { get; }

        public void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
