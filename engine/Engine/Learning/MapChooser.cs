using MrfAd.Engine.Banks;
using MrfAd.Engine.Defects;
using MrfAd.Engine.Features;
using MrfAd.Engine.Metrics;

namespace MrfAd.Engine.Learning;

/// <summary>
/// Chooses the map of a part from good images alone: all candidates are fused from the same maps of held-out good images, some with painted defects, and compared by how well those are told from
/// good images (image AUROC) and outlined (AU-PRO). The features of an image are computed once.
/// </summary>
internal static class MapChooser
{
    // The number of good images, and of images that each kind of defect is painted on.
    private const int MaxGood = 24, PaintedOfEach = 10;

    // AU-PRO's limit of the false positive rate.
    private const double Limit = 0.05;

    // What a candidate must be better by than the first one: this, and this many standard errors, since several are tried; neither figure may fall by more than the last one. Of those the one with the
    // greatest gain less these errors is chosen.
    private const double MinGain = 0.01, MinErrors = 3, MaxLoss = 0.01;

    /// <returns>The options in which the shapes of all candidates are learned at once.</returns>
    public static MrfAdOptions Union(MrfAdOptions options, IReadOnlyList<MapCandidate> candidates) =>
        options with { Shapes = [.. candidates.SelectMany(c => c.Shapes).Distinct()] };

    /// <returns>The branches of a candidate among those of <see cref="Union"/>, of which there are <paramref name="count"/>.</returns>
    public static IReadOnlyList<int> Branches(MrfAdOptions union, MapCandidate candidate, int count) =>
        [.. Enumerable.Range(0, count).Where(b => candidate.Shapes.Contains(union.Shapes[b % union.Shapes.Count]))];

    /// <param name="heldOut">The images, scored in the shapes of <paramref name="union"/>.</param>
    /// <param name="candidates">The candidates, of which the first is kept where none is clearly better.</param>
    public static MapChoice Choose(HeldOutImages heldOut, MrfAdOptions union, IReadOnlyList<MapCandidate> candidates, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var kinds = Enum.GetValues<DefectKind>();
        var (good, painted) = (new List<HeldOutMaps>(), new List<HeldOutMaps>());
        var total = Math.Min(MaxGood, heldOut.Count) + (kinds.Length * PaintedOfEach);
        var levels = new BranchLevels(heldOut.Branches);
        foreach (var image in heldOut.Spread(MaxGood))
        {
            cancellation.ThrowIfCancellationRequested();
            good.Add(heldOut.Maps(image, levels));
            progress?.Report(new LearnProgress("choosing", good.Count, total));
        }

        for (var n = 0; n < kinds.Length * PaintedOfEach; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (heldOut.PaintedMaps(kinds[n / PaintedOfEach], n % PaintedOfEach, PaintedOfEach) is { } maps)
                painted.Add(maps);
            progress?.Report(new LearnProgress("choosing", good.Count + n + 1, total));
        }

        if (painted.Count == 0)
            throw new LearnException("no defect can be painted on these images, by which a map could be chosen");
        return Compare(good, painted, levels, union, candidates);
    }

    private static MapChoice Compare(List<HeldOutMaps> good, List<HeldOutMaps> painted, BranchLevels levels, MrfAdOptions union, IReadOnlyList<MapCandidate> candidates)
    {
        var tried = new List<CandidateFigures>();
        (double AuRoc, double AuPro)[]? first = null;
        foreach (var candidate in candidates)
        {
            var branches = Branches(union, candidate, good[0].Maps.Count);
            var figures = Figures(good, painted, branches, candidate.LevelMaps ? levels.Weights(branches) : null);
            first ??= figures;
            double[] gains = [.. figures.Zip(first, (f, plain) => ((f.AuRoc - plain.AuRoc) + (f.AuPro - plain.AuPro)) / 2)];
            var gain = gains.Average();
            var error = Math.Sqrt(gains.Sum(g => (g - gain) * (g - gain)) / Math.Max(1, gains.Length - 1) / gains.Length);
            tried.Add(new CandidateFigures(candidate.Name, figures.Average(f => f.AuRoc), figures.Average(f => f.AuPro), gain, error));
        }

        var choice = new MapChoice(tried, 0, good.Count, painted.Count);
        var better = choice.IsThin ? null : tried.Where(IsBetter).MaxBy(SureGain);
        return better is null ? choice : choice with { Chosen = tried.IndexOf(better) };

        bool IsBetter(CandidateFigures t) => t.Gain >= MinGain && SureGain(t) >= 0 && t.ImageAuRoc >= tried[0].ImageAuRoc - MaxLoss && t.AuPro >= tried[0].AuPro - MaxLoss;

        static double SureGain(CandidateFigures t) => t.Gain - (MinErrors * t.GainError);
    }

    /// <summary>
    /// Returns the parts that each painted image has in image AUROC and AU-PRO. A region's part in AU-PRO is the area below its overlap over the false positive rate, up to the limit: the mean over its
    /// pixels of how far the rate at their score is below the limit.
    /// </summary>
    private static (double AuRoc, double AuPro)[] Figures(List<HeldOutMaps> good, List<HeldOutMaps> painted, IReadOnlyList<int> branches, IReadOnlyList<float>? weights)
    {
        var scores = new List<float>();
        var okPixels = new List<float>();
        foreach (var maps in good.Concat(painted))
        {
            var fused = maps.Fused(branches, weights);
            if (maps.Defect is null)
                scores.Add(ImageScore.Max(fused));
            for (var p = 0; p < fused.Length; p++)
            {
                if (maps.Defect?[p] != true)
                    okPixels.Add(fused[p]);
            }
        }

        okPixels.Sort();
        return [.. painted.Select(p => Figures(p, p.Fused(branches, weights), scores, okPixels))];
    }

    private static (double AuRoc, double AuPro) Figures(HeldOutMaps painted, ReadOnlySpan<float> fused, List<float> scores, List<float> okPixels)
    {
        var score = ImageScore.Max(fused);
        var (area, count) = (0.0, 0);
        for (var p = 0; p < fused.Length; p++)
        {
            if (!painted.Defect![p])
                continue;
            var below = okPixels.BinarySearch(fused[p]);
            var rate = 1 - ((double)(below < 0 ? ~below : below) / okPixels.Count);
            (area, count) = (area + (Math.Max(0, Limit - rate) / Limit), count + 1);
        }

        return (scores.Average(s => score > s ? 1 : score == s ? 0.5 : 0), area / count);
    }
}
