using System.Diagnostics;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;

namespace MrfAd.Benchmarks;

/// <summary>Compares the certified search with the full one on the test images of a dataset: equal scores and regions, and the time of each.</summary>
internal static class CertifiedTime
{
    public static void Run(string folder, string encoderPath, string[]? layers, MrfAdOptions options)
    {
        using var subject = new Subject(folder, encoderPath, layers, options);
        var threshold = subject.Bank.Description.Calibration.Threshold;
        var paths = Directory.GetFiles(Path.Combine(folder, "test"), "*", SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal).ToList();
        List<(bool Good, double Full, double Certified, double Share)> frames = [];
        var scorer = subject.CreateScorer();
        foreach (var path in paths)
        {
            using var image = ImageCodec.Decode(File.ReadAllBytes(path), path);
            var full = subject.Scorer.Score(image).Scores.ToArray();
            var bounded = scorer.ScoreCertified(image, threshold);
            var score = full.Max();
            Check(path, score, bounded.Scores.ToArray().Max());
            for (var i = 0; i < full.Length; i++)
            {
                if (full[i] >= threshold || bounded.Scores[i] >= threshold)
                    Check(path, full[i], bounded.Scores[i]);
                if (bounded.Scores[i] < full[i] * 0.99999f)
                    throw new InvalidOperationException($"{path}: pixel {i} has a bound of {bounded.Scores[i]:R}, below its score {full[i]:R}");
            }

            frames.Add((score < threshold, subject.Scorer.Times.Search.TotalMilliseconds + subject.Scorer.Times.Fuse.TotalMilliseconds, scorer.Times.Search.TotalMilliseconds, scorer.SearchedShare));
        }

        foreach (var group in frames.Skip(3).GroupBy(f => f.Good).OrderByDescending(g => g.Key))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{(group.Key ? "OK" : "NG")} {group.Count()} frames: full {Median(group.Select(f => f.Full)):0} ms, certified {Median(group.Select(f => f.Certified)):0} ms, ratio {Median(group.Select(f => f.Certified / f.Full)):0.000}; searched exactly {100 * group.Average(f => f.Share):0.0} % of the patches"));
        }
    }

    private static void Check(string path, float full, float certified)
    {
        if (full != certified)
            throw new InvalidOperationException($"{path}: full search {full:R}, certified {certified:R}");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
