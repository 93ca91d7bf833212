using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Benchmarks;

/// <summary>
/// Measures the time of an encoder for each view of an image, in each form that it can be built in, beside the runtime's rate in a plain matrix
/// product. All of them run alternately, so that other load on the machine affects each alike; the minimum of the times counts.
/// </summary>
internal static class EncoderTime
{
    private const int Repetitions = 5;

    private static readonly (string Name, NetworkOptions Options)[] Forms =
    [
        ("plain", new() { FusedAttention = false }),
        ("fused", new()),
        ("int8", new() { Precision = GraphPrecision.Int8 }),
        ("fp16", new() { Precision = GraphPrecision.Fp16 }),
    ];

    /// <param name="forms">Names of the forms, e.g. "plain,fused"; memory is printed only for a single one.</param>
    public static void Run(string checkpoint, string imageSize, IReadOnlyList<double> scales, string forms)
    {
        if (!View.TryParseSize(imageSize, out var width, out var height))
            throw new ArgumentException($"want HEIGHTxWIDTH, got {imageSize}");
        var chosen = Forms.Where(f => forms.Split(',').Contains(f.Name)).ToList();
        var folder = Directory.CreateTempSubdirectory("mrfad-encoder-");
        try
        {
            var product = Product(Path.Combine(folder.FullName, "product.onnx"));
            using var network = Network.Open(checkpoint, chosen[0].Options);
            var layers = network.DefaultLayers;
            Console.WriteLine(FormattableString.Invariant($"{network.Variant}, layers {string.Join(",", layers)}, image {imageSize}, {Environment.ProcessorCount} cores"));
            foreach (var view in ViewSizes.Of(width, height, new MrfAdOptions { Scales = scales }, network.SizeMultiple))
            {
                var cost = network.Cost(view.Width, view.Height, layers);
                var files = chosen.Select(form =>
                {
                    using var built = Network.Open(checkpoint, form.Options);
                    var file = Path.Combine(folder.FullName, $"{form.Name}.onnx");
                    built.Build(view.Width, view.Height, layers).Write(file);
                    return file;
                }).ToList();
                var seconds = Fastest([product.File, .. files], [[2048, 768], .. files.Select(_ => new long[] { 1, 3, view.Height, view.Width })], [["product"], .. files.Select(_ => layers.Select(network.TensorOf).ToArray())]);
                var rate = product.Operations / seconds[0] / 1e9;
                Console.WriteLine(FormattableString.Invariant($"scale {view.Scale}: {view.Height}x{view.Width}, {cost.Positions} tokens, {cost.Operations / 1e9:0} GFLOP; [2048×768]·[768×3072] alone {rate:0} GFLOP/s; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
                for (var f = 0; f < chosen.Count; f++)
                {
                    var mine = cost.Operations / seconds[f + 1] / 1e9;
                    Console.WriteLine(FormattableString.Invariant($"    {chosen[f].Name}: {seconds[f + 1]:0.00} s, {mine:0} GFLOP/s, {100 * mine / rate:0} % of the product's rate"));
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string File, double Operations) Product(string file)
    {
        var graph = new GraphBuilder("product");
        var random = new Random(1);
        var weights = Enumerable.Range(0, 768 * 3072).Select(_ => random.NextSingle()).ToArray();
        graph.Output(graph.MatMul(graph.Input("image", 2048, 768), graph.Constant("w", weights, 768, 3072), "product"));
        graph.Write(file);
        return (file, 2.0 * 2048 * 768 * 3072);
    }

    private static double[] Fastest(IReadOnlyList<string> files, IReadOnlyList<long[]> shapes, IReadOnlyList<string[]> outputs)
    {
        var sessions = files.Select(file => new OnnxSession(File.ReadAllBytes(file), Path.GetFileName(file), Environment.ProcessorCount)).ToList();
        var runs = sessions.Select((session, i) => session.Prepare("image", shapes[i], outputs[i])).ToList();
        var fastest = files.Select(_ => double.MaxValue).ToArray();
        for (var repetition = 0; repetition <= Repetitions; repetition++)
        {
            for (var i = 0; i < runs.Count; i++)
            {
                var times = i == 0 ? 10 : 1; // a product is short, so it runs more often
                for (var t = 0; t < times; t++)
                {
                    if (repetition == 0)
                        Fill(runs[i]);
                    var start = Stopwatch.GetTimestamp();
                    runs[i].Execute();
                    if (repetition > 0)
                        fastest[i] = Math.Min(fastest[i], Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        runs.ForEach(run => run.Dispose());
        sessions.ForEach(session => session.Dispose());
        return fastest;
    }

    private static void Fill(OnnxSession.Run run)
    {
        var random = new Random(1);
        foreach (ref var value in run.Input)
            value = random.NextSingle() - 0.5f;
    }
}
