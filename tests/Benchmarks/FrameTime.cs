using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Benchmarks;

/// <summary>Measures the time of each stage of a frame, beside the same search as one NumPy matrix product for each bank (OpenBLAS) in the same run.</summary>
internal static class FrameTime
{
    // Enough frames for a stable median on a noisy machine.
    private const int Frames = 25;

    public static void Run(string folder, string encoderPath, string[]? layers, MrfAdOptions options)
    {
        using var subject = new Subject(folder, encoderPath, layers, options);
        // Good and defective parts alternate, so that no frame is searched with its own nearest rows as the initial guess.
        var paths = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal).ToList();
        var (decode, features, search, fuse, allocated) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Frames + 3; i++)
        {
            var path = paths[i % paths.Count];
            var bytes = File.ReadAllBytes(path);
            var start = Stopwatch.GetTimestamp();
            using var image = ImageCodec.Decode(bytes, path);
            var decoded = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var before = GC.GetTotalAllocatedBytes(precise: true);
            subject.Scorer.Score(image);
            if (i < 3)
                continue; // warm-up
            allocated.Add(GC.GetTotalAllocatedBytes(precise: true) - before);
            decode.Add(decoded);
            features.Add(subject.Scorer.Times.Features.TotalMilliseconds);
            search.Add(subject.Scorer.Times.Search.TotalMilliseconds);
            fuse.Add(subject.Scorer.Times.Fuse.TotalMilliseconds);
        }

        var flops = subject.Bank.BranchNames.Select((name, i) => 2.0 * subject.Scorer.BranchMaps[i].Length * subject.Bank.Size(name).Rows * subject.Bank.Size(name).Dimension).Sum();
        var queries = subject.Scorer.BranchMaps.Sum(m => m.Length);
        var (d, f, s, u) = (Median(decode), Median(features), Median(search), Median(fuse));
        Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(folder)}, {subject.Encoder.Id} {string.Join("+", subject.Encoder.Layers)}, {subject.Bank.BranchNames.Count} banks, {queries} queries, {flops / 1e9:0} GFLOP; median of {Frames} frames, {Environment.ProcessorCount} cores"));
        Console.WriteLine(FormattableString.Invariant($"ms: decode {d:0.0}, features {f:0}, search {s:0} ({flops / s / 1e6:0} GFLOP/s), fuse {u:0.0}; total {d + f + s + u:0}; neither encoder nor search {100 * (d + u) / (d + f + s + u):0.0} %"));
        var frames = new LatencySummary(decode.Select((time, i) => time + features[i] + search[i] + fuse[i]));
        Console.WriteLine($"decoded to fused: {frames.Claim(2 * frames.P50)}");
        Console.WriteLine(FormattableString.Invariant($"managed allocations a frame after warm-up: {Median(allocated) / 1024:0.0} KiB; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
        Peer(string.Join(' ', subject.Bank.BranchNames.Select((name, i) => $"{subject.Scorer.BranchMaps[i].Length}x{subject.Bank.Size(name).Rows}x{subject.Bank.Size(name).Dimension}")), s);
    }

    private static void Peer(string shapes, double ours)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peer_search.py");
        var start = new ProcessStartInfo("/usr/bin/python3", $"{script} {shapes}") { RedirectStandardOutput = true };
        start.Environment["OPENBLAS_CORETYPE"] = SearchTime.OpenBlasCore;
        using var python = Process.Start(start)!;
        var milliseconds = double.Parse(python.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
        python.WaitForExit();
        Console.WriteLine(FormattableString.Invariant($"the same search as NumPy matrix products (fp32, OpenBLAS tuned): {milliseconds:0} ms; ratio {milliseconds / ours:0.00}"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
