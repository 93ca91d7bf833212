using System.Diagnostics;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;

namespace MrfAd.Benchmarks;

/// <summary>Compares the certified search with the full one on all test images of a dataset: the same scores, bit for bit, and the time of each.</summary>
internal static class CertifiedTime
{
    // The first frames find caches and banks cold.
    private const int WarmUp = 3;

    public static void Run(string folder, string encoderPath, string[]? layers, MrfAdOptions options)
    {
        using var subject = new Subject(folder, encoderPath, layers, options);
        using var scorer = subject.CreateScorer();
        // Good and defective parts alternate, so that no frame is searched with its own nearest rows as the initial guess.
        var paths = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal);
        var frames = paths.Select(path => Measure(subject, scorer, path)).ToList();
        Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(folder)}, {subject.Encoder.Id} {string.Join("+", subject.Encoder.Layers)}, {subject.Bank.BranchNames.Count} banks; {frames.Count} frames, all scores that decide are equal; medians, ms, {Environment.ProcessorCount} cores"));
        foreach (var group in frames.Skip(WarmUp).GroupBy(f => f.IsGood).OrderByDescending(g => g.Key))
        {
            Console.WriteLine(FormattableString.Invariant($"{(group.Key ? "OK" : "NG")}, {group.Count()} frames: decode {Median(group, f => f.Decode):0.0}, features {Median(group, f => f.Features):0.0}, search and fuse {Median(group, f => f.Full):0.0} full, {Median(group, f => f.Certified):0.0} certified (ratio {Median(group, f => f.Certified / f.Full):0.000}), {Median(group, f => f.Certified + f.Visible):0.0} with a heatmap ({Median(group, f => (f.Certified + f.Visible) / f.Full):0.000})"));
            Console.WriteLine(FormattableString.Invariant($"    patches searched exactly: {100 * group.Average(f => f.Share):0.0} %, with a heatmap {100 * group.Average(f => f.VisibleShare):0.0} %"));
        }
    }

    private static Frame Measure(Subject subject, MrfAdScorer scorer, string path)
    {
        var bytes = File.ReadAllBytes(path);
        var start = Stopwatch.GetTimestamp();
        using var image = ImageCodec.Decode(bytes, path);
        var decode = Stopwatch.GetElapsedTime(start);
        var calibration = subject.Bank.Description.Calibration;
        var full = subject.Scorer.Score(image).Scores;
        var bounds = scorer.ScoreCertified(image, calibration.Threshold).Scores;
        var (highest, share) = (Highest(full), scorer.SearchedShare);
        if (Highest(bounds) != highest)
            throw new InvalidOperationException($"{path}: the full search's score is {highest:R}, the certified one's {Highest(bounds):R}");
        Check(path, full, bounds, calibration.Threshold);
        start = Stopwatch.GetTimestamp();
        scorer.MakeExact(calibration.HeatmapScale.Low);
        var visible = Stopwatch.GetElapsedTime(start);
        Check(path, full, bounds, calibration.HeatmapScale.Low);
        var (wanted, got) = (subject.Scorer.Times, scorer.Times);
        return new Frame(
            highest < calibration.Threshold, decode.TotalMilliseconds, got.Features.TotalMilliseconds, (wanted.Search + wanted.Fuse).TotalMilliseconds, (got.Search + got.Fuse).TotalMilliseconds,
            visible.TotalMilliseconds, share, scorer.SearchedShare);
    }

    /// <summary>Compares all pixels that are at or above a score in either map.</summary>
    private static void Check(string path, ReadOnlySpan<float> full, ReadOnlySpan<float> bounds, float from)
    {
        for (var i = 0; i < full.Length; i++)
        {
            if (full[i] != bounds[i] && (full[i] >= from || bounds[i] >= from))
                throw new InvalidOperationException($"{path}: pixel {i}: the full search's score is {full[i]:R}, the certified one's {bounds[i]:R}");
        }
    }

    private static float Highest(ReadOnlySpan<float> scores)
    {
        var highest = float.NegativeInfinity;
        foreach (var score in scores)
            highest = MathF.Max(highest, score);
        return highest;
    }

    private static double Median(IEnumerable<Frame> frames, Func<Frame, double> value)
    {
        var values = frames.Select(value).Order().ToList();
        return values[values.Count / 2];
    }

    /// <summary>The milliseconds of one frame's stages, and the shares of its patches that were searched exactly.</summary>
    private sealed record Frame(bool IsGood, double Decode, double Features, double Full, double Certified, double Visible, double Share, double VisibleShare);
}
