using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Networks;
using MrfAd.Engine.Onnx;

namespace MrfAd.Benchmarks;

/// <summary>What each view of an image costs a built encoder, beside what the runtime reaches in a plain matrix product in the same run.</summary>
internal static class EncoderTime
{
    private const int Repetitions = 3;

    public static void Run(string checkpoint, string imageSize, IReadOnlyList<double> scales)
    {
        if (!View.TryParseSize(imageSize, out var width, out var height))
            throw new ArgumentException($"want HEIGHTxWIDTH, got {imageSize}");
        using var network = Network.Open(checkpoint, new NetworkOptions());
        var peak = MatrixRate();
        Console.WriteLine(FormattableString.Invariant($"{network.Variant}, layers {string.Join(",", network.DefaultLayers)}, image {imageSize}, {Environment.ProcessorCount} cores; [2048×768]·[768×3072] alone: {peak:0} GFLOP/s"));
        var folder = Directory.CreateTempSubdirectory("mrfad-encoder-");
        try
        {
            foreach (var view in ViewSizes.Of(width, height, new MrfAdOptions { Scales = scales }, network.SizeMultiple))
            {
                var file = Path.Combine(folder.FullName, "view.onnx");
                network.Build(view.Width, view.Height, network.DefaultLayers).Write(file);
                var seconds = Median(file, [1, 3, view.Height, view.Width], [.. network.DefaultLayers.Select(network.TensorOf)]);
                var cost = network.Cost(view.Width, view.Height, network.DefaultLayers);
                Console.WriteLine(FormattableString.Invariant(
                    $"scale {view.Scale}: {view.Height}x{view.Width}, {cost.Positions} tokens, {cost.Operations / 1e9:0} GFLOP, {seconds:0.00} s, {cost.Operations / seconds / 1e9:0} GFLOP/s ({100 * cost.Operations / seconds / 1e9 / peak:0} %); peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double MatrixRate()
    {
        var graph = new GraphBuilder("product");
        var random = new Random(1);
        var weights = Enumerable.Range(0, 768 * 3072).Select(_ => random.NextSingle()).ToArray();
        graph.Output(graph.MatMul(graph.Input("image", 2048, 768), graph.Constant("w", weights, 768, 3072), "product"));
        var file = Path.GetTempFileName();
        graph.Write(file);
        var seconds = Enumerable.Range(0, 3).Min(_ => Median(file, [2048, 768], ["product"]));
        File.Delete(file);
        return 2.0 * 2048 * 768 * 3072 / seconds / 1e9;
    }

    private static double Median(string file, long[] shape, string[] outputs)
    {
        using var session = new OnnxSession(File.ReadAllBytes(file), Path.GetFileName(file), Environment.ProcessorCount);
        using var run = session.Prepare("image", shape, outputs);
        var random = new Random(1);
        foreach (ref var value in run.Input)
            value = random.NextSingle() - 0.5f;
        run.Execute();
        return Enumerable.Range(0, Repetitions).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            run.Execute();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }).Order().ElementAt(Repetitions / 2);
    }
}
