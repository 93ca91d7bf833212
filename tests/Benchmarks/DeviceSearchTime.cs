using System.Diagnostics;
using MrfAd.Benchmarks.Gpu;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Benchmarks;

/// <summary>Compares the search on a GPU with the rate of plain fp16 matrix products there, and with the exact search on the CPU.</summary>
internal static unsafe class DeviceSearchTime
{
    private const int Products = 20;
    private const int Compared = 256;

    public static DeviceSearchResult Run(int count, int dimension, int queries, Provider provider, TextWriter log)
    {
        // The search needs no TensorRT: CUDA is used in its place.
        var device = new OnnxDevice { Provider = provider == Provider.Tensorrt ? Provider.Cuda : provider, Report = log.WriteLine };
        log.WriteLine(FormattableString.Invariant($"N = {count:N0}, D = {dimension}, Q = {queries:N0}; {NvidiaDevice.Read()}"));
        var rate = ProductRate(device, Math.Min(count, 65_536), dimension, queries);
        log.WriteLine(FormattableString.Invariant($"fp16 products alone: {rate / 1e12:0.00} TFLOP/s"));

        var clusters = new Clusters("clustered", dimension);
        using var memory = new Unmanaged((long)count * dimension * sizeof(float));
        var values = (float*)memory.Start;
        for (var made = 0; made < count; made += 1000)
            clusters.Next(Math.Min(1000, count - made)).CopyTo(new Span<float>(values + ((long)made * dimension), Math.Min(1000, count - made) * dimension));
        using var exact = ExactSearch.Over(new BankRows(values, null, RowPrecision.Fp32, count, dimension));
        using var scratch = new SearchScratch(Environment.ProcessorCount);
        using var opened = SearchDevice.Open(device);
        var start = Stopwatch.GetTimestamp();
        using var search = new DeviceSearch(opened, exact);
        search.Check();
        log.WriteLine(FormattableString.Invariant($"made ready and checked in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {opened.Bytes / 1e6:0} MB on the device, {opened.Placement.NodesElsewhere} nodes elsewhere"));

        var query = clusters.Next(queries);
        var (distances, indices) = (new float[queries], new int[queries]);
        using var encoder = new OnnxSession(LeavesItsInput(queries, dimension), "features", Environment.ProcessorCount, device);
        using var features = encoder.Prepare("x", [1, queries, dimension], ["features"], [true]);
        query.CopyTo(features.Input);
        features.Execute();
        var onDevice = Report("features on the device", () => search.Search(features.Tensor(0), FeatureLayout.PatchesFirst, 0, [], distances, indices));
        var fromHere = Report("features in this process", () => search.Search(query, FeatureLayout.PatchesFirst, distances, indices, scratch));

        var compared = Math.Min(Compared, queries);
        var (wanted, guesses) = (new float[compared], new int[compared]);
        Array.Fill(guesses, -1);
        var cpu = Best(1, () => exact.Search(query.AsSpan(0, compared * dimension), FeatureLayout.PatchesFirst, wanted, guesses, scratch));
        var errors = wanted.Select((w, i) => Math.Abs(distances[i] - w) / w).ToList();
        log.WriteLine(FormattableString.Invariant(
            $"beside the exact search on {Environment.ProcessorCount} cores ({cpu / compared * queries * 1e3:0} ms for as many): distances off by {errors.Average():0.0e0} on the mean, {errors.Max():0.0e0} at most (stated: {search.Tolerance / wanted.Average():0.0e0}); the same row for {guesses.Zip(indices).Count(p => p.First == p.Second)} of {compared}"));

        return new DeviceSearchResult(
            device.Provider.ToText(), count, dimension, queries, rate, onDevice * 1e3, 2.0 * queries * count * dimension / onDevice, fromHere * 1e3,
            cpu / compared * queries * 1e3, errors.Max(), (double)guesses.Zip(indices).Count(p => p.First == p.Second) / compared);

        double Report(string name, Action action)
        {
            var (seconds, operations) = (Best(5, action), 2.0 * queries * count * dimension);
            log.WriteLine(FormattableString.Invariant($"search, {name}: {seconds * 1e3:0.00} ms, {operations / seconds / 1e12:0.00} TFLOP/s, {100 * operations / seconds / rate:0} % of the products' rate"));
            return seconds;
        }
    }

    /// <summary>Builds a graph that returns its input x [1, Q, D] as "features", instead of an encoder.</summary>
    private static byte[] LeavesItsInput(int queries, int dimension)
    {
        var graph = new GraphBuilder("features");
        var x = graph.Input("x", 1, queries, dimension);
        graph.Output(graph.Mul(x, graph.Constant("one", [1], 1), "features"));
        return graph.ToGraph(["features"]).ToBytes();
    }

    /// <summary>Measures the FLOP/s of a chain of fp16 products a·b·c·b·c… with a [Q, D], b [D, T], c [T, D].</summary>
    private static double ProductRate(OnnxDevice device, int columns, int dimension, int queries)
    {
        using var folder = new TemporaryFolder();
        var graph = new GraphBuilder("products", GraphPrecision.Fp16);
        var random = new Random(1);
        var weights = new float[dimension * columns];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (float)(random.NextDouble() - 0.5) * 0.01f;
        var (b, c) = (graph.Constant("b", weights, dimension, columns), graph.Constant("c", weights, columns, dimension));
        var x = graph.Input("a", queries, dimension);
        for (var i = 0; i < Products; i++)
            x = graph.MatMul(x, i % 2 == 0 ? b : c, $"x{i}");
        graph.Output(x);
        graph.Write(folder.File("products.onnx"));
        using var session = new OnnxSession(File.ReadAllBytes(folder.File("products.onnx")), "products", Environment.ProcessorCount, device);
        using var run = session.Prepare("a", [queries, dimension], [x.Name]);
        for (var i = 0; i < run.Input.Length; i++)
            run.Input[i] = (float)random.NextDouble() - 0.5f;
        run.Execute();
        return Products * 2.0 * queries * columns * dimension / Best(5, run.Execute);
    }

    private static double Best(int runs, Action action)
    {
        var best = double.PositiveInfinity;
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
