using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;

namespace MrfAd.Benchmarks;

/// <summary>Measures the time of a frame with a trained HLGFA model, beside the encoder alone on the same two views, alternately in the same run.</summary>
internal static class HlgfaTime
{
    private const int Frames = 40;

    public static void Run(string folder, string encoderPath, string modelPath, int threads)
    {
        var file = HlgfaFile.Open(modelPath);
        var d = file.Description;
        using var scorer = HlgfaInspector.ScorerFor(file, encoderPath, threads, TimeProvider.System);
        using var encoder = Encoder.Open(encoderPath, d.Layers, threads);
        using var high = encoder.CreateExtractor(d.ViewWidth, d.ViewHeight);
        using var low = encoder.CreateExtractor(d.ViewWidth / d.Options.Ratio, d.ViewHeight / d.Options.Ratio);
        var paths = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var (frames, passes, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Frames + 3; i++)
        {
            using var image = ImageCodec.Read(paths[i % paths.Count]);
            var start = Stopwatch.GetTimestamp();
            high.Extract(image);
            low.Extract(image);
            var alone = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            scorer.Score(image);
            if (i < 3)
                continue; // warm-up
            passes.Add(alone);
            frames.Add(scorer.Times.Total.TotalMilliseconds);
            ratios.Add(frames[^1] / alone);
        }

        Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(folder)}, {encoder.Id} {string.Join("+", d.Layers)}, views {d.ViewWidth}x{d.ViewHeight} and 1/{d.Options.Ratio}; medians of {Frames} frames, {threads} threads"));
        Console.WriteLine(FormattableString.Invariant($"frame {Median(frames):0.0} ms, the two encoder passes alone {Median(passes):0.0} ms, ratio {Median(ratios):0.00}; model {new FileInfo(modelPath).Length / 1e6:0.0} MB; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
