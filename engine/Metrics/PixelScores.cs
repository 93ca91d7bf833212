using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Metrics;

/// <summary>
/// The anomaly scores of all pixels of a test set, divided by what the masks say: ok pixels, and pixels of defective regions, each weighing
/// 1/|R_k|. Regions R_k are the 8-connected components of mask > 0, found for each image.
/// </summary>
public sealed class PixelScores
{
    private readonly List<float[]> _ok = [];
    private readonly List<float[]> _defect = [];
    private readonly List<double[]> _weights = [];

    /// <summary>K, over all images.</summary>
    public int Regions { get; private set; }

    /// <param name="scores">[H·W].</param>
    /// <param name="mask">[H·W], 0 where the pixel is ok; empty: all are.</param>
    /// <param name="width">W.</param>
    /// <exception cref="ArgumentException">The mask has another size.</exception>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<byte> mask, int width)
    {
        if (mask.IsEmpty)
        {
            _ok.Add(scores.ToArray());
            return;
        }

        if (mask.Length != scores.Length)
            throw new ArgumentException($"the mask has {mask.Length} pixels, the map {scores.Length}", nameof(mask));
        var runs = ConnectedComponents.Find(mask, width, out var count);
        var sizes = new int[count];
        foreach (var run in runs)
            sizes[run.Label] += run.X1 - run.X0;
        var defects = sizes.Sum();
        var (ok, defect, weights) = (new float[scores.Length - defects], new float[defects], new double[defects]);
        var (nextOk, nextDefect, at) = (0, 0, 0);
        foreach (var run in runs)
        {
            var begin = (run.Y * width) + run.X0;
            scores[at..begin].CopyTo(ok.AsSpan(nextOk));
            nextOk += begin - at;
            at = (run.Y * width) + run.X1;
            scores[begin..at].CopyTo(defect.AsSpan(nextDefect));
            weights.AsSpan(nextDefect, at - begin).Fill(1.0 / sizes[run.Label]);
            nextDefect += at - begin;
        }

        scores[at..].CopyTo(ok.AsSpan(nextOk));
        _ok.Add(ok);
        _defect.Add(defect);
        _weights.Add(weights);
        Regions += count;
    }

    /// <returns>The curve over all thresholds, from which every figure is read.</returns>
    /// <param name="set">What to call the set in an error.</param>
    /// <exception cref="MetricException">No defective region, or no ok pixel.</exception>
    public ScoreCurve ToCurve(string set)
    {
        var ok = Join(_ok);
        var defect = Join(_defect);
        var weights = Join(_weights);
        if (defect.Length == 0)
            throw new MetricException($"{set}: no mask marks a defective region, so there is nothing to find");
        if (ok.Length == 0)
            throw new MetricException($"{set}: no ok pixel, so there can be no false positive");
        return ScoreCurve.Of(ok, defect, weights, Regions);
    }

    private static T[] Join<T>(List<T[]> parts)
    {
        var joined = new T[parts.Sum(p => (long)p.Length)];
        long at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }

        return joined;
    }
}
