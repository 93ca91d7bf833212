using MrfAd.Engine.Datasets;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>Computes the figures of one variant of a method on one object.</summary>
/// <param name="names">Names of the maps that are fused.</param>
public sealed class VariantJudge(
    DatasetObject set, IMapStore store, Variant variant, IReadOnlyList<MapName> names, IReadOnlyList<LabelledImage> images, CancellationToken cancellation)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
    private readonly Dictionary<string, double> _figures = [];
    private readonly List<string> _unknown = [];

    /// <summary>The scores of each image; empty before <see cref="Judge"/>.</summary>
    public IReadOnlyList<VariantScores> Scores { get; private set; } = [];

    /// <summary>A text for each figure that this set does not allow, with the reason.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <param name="heldOut">Good images for the pixel threshold, mean + 3·std of their pixels.</param>
    /// <param name="otherwise">The pixel threshold if there are no held-out images; null for none.</param>
    public VariantResult Judge(IReadOnlyList<DatasetImage> heldOut, double? otherwise)
    {
        var threshold = heldOut.Count > 0 ? MeanPlus3Std(heldOut) : otherwise;
        Scores = ScoresAt(threshold);
        var curve = Pixels();
        AddImageFigures();
        if (threshold is { } t)
            AddThresholded(t, curve is not null);
        return new VariantResult(variant.Name, _figures, threshold, variant.IsDrawn && curve is not null ? [.. curve.Drawn.Select(Rounded)] : []);
    }

    private double MeanPlus3Std(IReadOnlyList<DatasetImage> heldOut)
    {
        using var maps = new VariantMaps(store, names, [.. heldOut.Select(i => (i, MaskRegions.None(1, 1)))]);
        var sums = new (double Sum, double Squares, long Count)[heldOut.Count];
        Parallel.For(0, heldOut.Count, _parallel, i =>
        {
            var (sum, squares) = (0.0, 0.0);
            var scores = maps.Read(i);
            foreach (var score in scores)
            {
                sum += score;
                squares += (double)score * score;
            }

            sums[i] = (sum, squares, scores.Length);
        });
        var count = sums.Sum(s => s.Count);
        var mean = sums.Sum(s => s.Sum) / count;
        return mean + (3 * Math.Sqrt(Math.Max(0, (sums.Sum(s => s.Squares) / count) - (mean * mean))));
    }

    private VariantScores[] ScoresAt(double? threshold)
    {
        using var maps = new VariantMaps(store, names, [.. images.Select(i => (i.Image, i.Regions ?? MaskRegions.None(i.Width, i.Height)))]);
        var scores = new VariantScores[images.Count];
        Parallel.For(0, images.Count, _parallel, i =>
        {
            var map = maps.Read(i);
            var (hits, alarms) = (0L, 0L);
            foreach (var (begin, end, region) in maps.Regions(i).Stretches())
            {
                var above = 0;
                foreach (var score in map[begin..end])
                    above += score > threshold ? 1 : 0;
                (hits, alarms) = region < 0 ? (hits, alarms + above) : (hits + above, alarms);
            }

            scores[i] = new VariantScores(ImageScore.Min(map), ImageScore.Max(map), ImageScore.TopPercent(map), hits, alarms);
        });
        return scores;
    }

    /// <returns>The curve over all pixels; null if there are no masks.</returns>
    private ScoreCurve? Pixels()
    {
        var masked = images.Where(i => i.Regions is not null).ToList();
        if (set.Layout == DatasetLayout.Folder && !masked.Exists(i => i.Defective))
            return null; // a plain folder of images need not have masks
        try
        {
            using var maps = new VariantMaps(store, names, [.. masked.Select(i => (i.Image, i.Regions!))]);
            var curve = PixelCurve.Of(maps, set.Name, cancellation: cancellation);
            Add(Figure.OfPixels(curve));
            return curve;
        }
        catch (MetricException e)
        {
            _unknown.Add(e.Message);
            return null;
        }
    }

    private void AddImageFigures()
    {
        try
        {
            Add(Figure.OfImages(Curve(s => s.Max), Curve(s => s.Top)));
        }
        catch (MetricException e)
        {
            _unknown.Add(e.Message);
        }

        ScoreCurve Curve(Func<VariantScores, float> score)
        {
            var byLabel = images.Zip(Scores).ToLookup(i => i.First.Defective, i => score(i.Second));
            return ScoreCurve.Of(byLabel[false], byLabel[true], set.Name);
        }
    }

    /// <summary>Adds SegF1 and ClassF1. An image counts as defective if any pixel is above the threshold.</summary>
    private void AddThresholded(double threshold, bool hasMasks)
    {
        var judged = images.Zip(Scores).ToList();
        if (hasMasks)
        {
            var masked = judged.Where(i => i.First.Regions is not null).ToList();
            _figures[Figure.SegF1.Key] = F1(masked.Sum(i => i.Second.Hits), masked.Sum(i => i.Second.Alarms), masked.Sum(i => (long)i.First.Regions!.DefectPixels));
        }

        if (judged.Exists(i => i.First.Defective))
        {
            _figures[Figure.ClassF1.Key] = F1(
                judged.Count(i => i.First.Defective && i.Second.Max > threshold), judged.Count(i => !i.First.Defective && i.Second.Max > threshold), judged.Count(i => i.First.Defective));
        }
    }

    private void Add(IEnumerable<(string Key, double Value)> values)
    {
        foreach (var (key, value) in values)
            _figures[key] = value;
    }

    private static double F1(long hits, long alarms, long wanted) => 2.0 * hits / Math.Max(1, hits + alarms + wanted);

    private static CurvePoint Rounded(CurvePoint p) => new(Math.Round(p.FalsePositiveRate, 5), Math.Round(p.Overlap, 5), Math.Round(p.TruePositiveRate, 5));
}
