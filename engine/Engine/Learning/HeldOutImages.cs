using MrfAd.Engine.Banks;
using MrfAd.Engine.Defects;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Learning;

/// <summary>Scores each good image by the rows of the images of the other folds, as if it had not been learned.</summary>
internal sealed class HeldOutImages : IDisposable
{
    // Of how many held-out images one map is computed as a whole, and how many of those there are at least.
    private const int MapEvery = 4, MinMaps = 6;

    // The number of held-out images by which the level of a branch's maps is measured.
    private const int LevelImages = 12;

    private readonly LearnRequest _request;
    private readonly List<GoodImage> _images;
    private readonly RowSpill _spill;
    private readonly KeptFeatures _kept;
    private readonly MrfAdScorer _scorer;
    private readonly int _folds;
    private readonly bool _partOnly;

    public HeldOutImages(
        Encoder encoder, LearnRequest request, List<GoodImage> images, RowSpill spill, IReadOnlyList<PartialWhitening?>? whitenings, KeptFeatures kept, BackgroundRemover? background, TimeProvider clock)
    {
        (_request, _images, _spill, _kept) = (request, images, spill, kept);
        _folds = Math.Min(request.Folds, images.Count);
        _scorer = new MrfAdScorer(
            encoder, request.Options, [.. Enumerable.Range(0, spill.Count).Select(b => Searches.Of(spill.Search(b), request.Options))], request.Threads, clock, background, whitenings)
        {
            Regions = RegionLabels.Of(request.Regions),
        };
        _partOnly = background is not null || _scorer.Regions is not null || images[0].Place is not null;
    }

    /// <summary>The number of good images.</summary>
    public int Count => _images.Count;

    /// <summary>The number of branches that are searched.</summary>
    public int Branches => _spill.Count;

    /// <returns>Indices of at most so many images, spread evenly.</returns>
    public IEnumerable<int> Spread(int atMost) => Enumerable.Range(0, Math.Min(atMost, _images.Count)).Select(k => k * _images.Count / Math.Min(atMost, _images.Count));

    /// <summary>Computes the factors that give the maps of all branches one level, and uses them from now on.</summary>
    /// <exception cref="LearnException">A map is 0 everywhere.</exception>
    public IReadOnlyList<float> Level(CancellationToken cancellation)
    {
        var levels = new BranchLevels(Branches);
        foreach (var i in Spread(LevelImages))
        {
            cancellation.ThrowIfCancellationRequested();
            Score(i, threshold: null);
            levels.Add(_scorer.BranchMaps, _scorer.NearestRows);
        }

        return _scorer.Weights = levels.Weights([.. Enumerable.Range(0, Branches)]);
    }

    /// <returns>The maps of an image, which are added to <paramref name="levels"/>.</returns>
    public HeldOutMaps Maps(int image, BranchLevels levels)
    {
        Score(image, threshold: null);
        levels.Add(_scorer.BranchMaps, _scorer.NearestRows);
        return HeldOutMaps.Of(_scorer.BranchMaps, _scorer.BranchSizes, _images[image].Width, _images[image].Height, null);
    }

    /// <returns>The maps of the n-th of some images on which a defect of this kind is painted; null where none could be.</returns>
    public HeldOutMaps? PaintedMaps(DefectKind kind, int n, int ofEach)
    {
        var image = PaintedImage(n, ofEach);
        using var painted = Painted(kind, n, image);
        if (painted is null)
            return null;
        _scorer.Score(painted.Image, FoldOf(image));
        return HeldOutMaps.Of(_scorer.BranchMaps, _scorer.BranchSizes, painted.Image.Width, painted.Image.Height, painted.Mask);
    }

    /// <exception cref="LearnException">All rows of a bank come from one fold.</exception>
    public Calibration Calibrate(IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        // The map of a part is warped, or cleared in places, before its score is taken.
        var mapEvery = _request.Certified && _request.Rule == ThresholdRule.Quantile && !_partOnly ? Math.Clamp(_images.Count / MinMaps, 1, MapEvery) : 1;
        var calibrator = new Calibrator();
        for (var i = 0; i < _images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var isWhole = i % mapEvery == 0;
            var map = Score(i, isWhole ? null : float.PositiveInfinity);
            _scorer.Regions?.ClearOwnLimits(map.Scores);
            if (isWhole)
                calibrator.Add(_images[i].AsSeen(map), _partOnly);
            else
                calibrator.AddScore(map);
            progress?.Report(new LearnProgress("calibrating", i + 1, _images.Count));
        }

        return calibrator.Finish(_request.FalseAlarms, _request.Rule);
    }

    /// <summary>Paints defects on the images, each scored without the rows of its fold.</summary>
    /// <param name="ofEach">The number of images on which a defect of each kind is painted.</param>
    public IReadOnlyList<DefectsFound> FindPainted(int ofEach, float threshold, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var kinds = Enum.GetValues<DefectKind>();
        var found = new List<DefectsFound>();
        foreach (var kind in kinds)
        {
            var seen = new List<bool>();
            for (var n = 0; n < ofEach; n++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (IsFound(kind, n, PaintedImage(n, ofEach), threshold) is { } isFound)
                    seen.Add(isFound);
                progress?.Report(new LearnProgress("painting", (found.Count * ofEach) + n + 1, kinds.Length * ofEach));
            }

            found.Add(new DefectsFound(kind, seen.Count, seen.Count(s => s)));
        }

        return found;
    }

    public void Dispose() => _scorer.Dispose();

    /// <returns>The index of the n-th of some images on which a defect of one kind is painted.</returns>
    private int PaintedImage(int n, int ofEach) => (int)((long)n * _images.Count / ofEach);

    /// <returns>The image with a defect; null where none could be painted.</returns>
    private PaintedDefect? Painted(DefectKind kind, int n, int image)
    {
        using var good = _images[image].Open();
        var part = PartFinder.Find(good);
        for (var p = 0; p < part.Length && _scorer.Regions is not null; p++)
            part[p] &= _scorer.Regions.Labels[p] != RegionLabels.Ignored;
        return DefectPainter.Paint(good, kind, unchecked((((_request.Options.Seed * 1009) + (int)kind) * 1009) + n), part);
    }

    /// <returns>True where the map reaches the threshold on the defect; null where none could be painted.</returns>
    private bool? IsFound(DefectKind kind, int n, int image, float threshold)
    {
        using var painted = Painted(kind, n, image);
        if (painted is null)
            return null;
        var map = _scorer.ScoreCertified(painted.Image, MathF.Min(threshold, _scorer.Regions?.LowestThreshold ?? threshold), FoldOf(image));
        _scorer.Regions?.RelateTo(threshold, map.Scores);
        return Enumerable.Range(0, painted.Mask.Length).Any(p => painted.Mask[p] && map.Scores[p] >= threshold);
    }

    /// <returns>Returns, for each branch, the rows of the images in the same fold.</returns>
    private Func<int, RowRange> FoldOf(int image)
    {
        var fold = (int)((long)image * _folds / _images.Count);
        return b => _spill.RowsOf(b, FirstOf(fold), FirstOf(fold + 1));
    }

    /// <param name="threshold">The threshold of the certified search; null computes the whole map.</param>
    private AnomalyMap Score(int i, float? threshold)
    {
        var own = FoldOf(i);
        for (var b = 0; b < _spill.Count; b++)
        {
            if (own(b) is var (start, end) && end - start == _spill.Sources(b).Count / 2)
                throw new LearnException($"all {end - start} rows of a bank come from one of the {_folds} folds, which must be scored by the others: want more rows");
        }

        if (_kept.Of(i) is { } encoded)
            return _scorer.Score(_images[i].Width, _images[i].Height, encoded, threshold, own);
        using var image = _images[i].Open();
        return threshold is { } from ? _scorer.ScoreCertified(image, from, own) : _scorer.Score(image, own);
    }

    private int FirstOf(int fold) => (int)((((long)fold * _images.Count) + _folds - 1) / _folds);
}
