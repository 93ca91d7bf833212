using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Detectors;

/// <summary>
/// MRF-AD as described in section 4 of the paper: features of all layers at all scales, distance to the nearest normal feature in each bank, mean of
/// all maps. Not thread-safe; nothing is allocated per image after the first of a size.
/// </summary>
public sealed class MrfAdScorer : IDisposable
{
    private readonly PyramidCache _pyramids;
    private readonly BranchShaping _shaping;
    private readonly IReadOnlyList<IRowSearch> _searches;
    private readonly SearchScratch _scratch;
    private readonly TimeProvider _clock;
    private readonly BackgroundRemover? _background;
    private readonly PartSearch _part = new();
    private readonly float[][] _maps;
    private readonly int[][] _nearest;
    private BranchFeatures _features = _ => throw new InvalidOperationException("no image has been scored");
    private (int Width, int Height) _size;
    private MapFusion? _fusion;
    private CertifiedSearch? _certified;
    private CertifiedSearch? _bounded; // the certified search, where the last image was scored by it

    /// <param name="searches">One for each pair (l, s), in the order of <see cref="FeaturePyramid.Branch"/>; they are not disposed here.</param>
    /// <param name="threads">The number of threads of a search.</param>
    /// <param name="clock">The clock that measures <see cref="Times"/>.</param>
    /// <param name="background">The background remover, which is not disposed here; null means that the whole image is scored.</param>
    /// <param name="whitenings">The whitening of each branch; null where there are none.</param>
    public MrfAdScorer(Encoder encoder, MrfAdOptions options, IReadOnlyList<IRowSearch> searches, int threads, TimeProvider clock, BackgroundRemover? background = null, IReadOnlyList<PartialWhitening?>? whitenings = null)
    {
        _background = background;
        _shaping = new BranchShaping(options, whitenings);
        _pyramids = new PyramidCache(encoder, options, background, BranchShaping.IsNone(options) ? [.. searches.Select(s => s is DeviceSearch)] : null, whitenings);
        _searches = searches;
        _scratch = new SearchScratch(threads);
        _clock = clock;
        _maps = new float[searches.Count][];
        _nearest = new int[searches.Count][];
    }

    /// <summary>Creates a scorer that compares features as a bank does.</summary>
    /// <param name="searches">The searches over the bank's branches, or others over rows that are shaped as those.</param>
    /// <inheritdoc cref="MrfAdScorer(Encoder, MrfAdOptions, IReadOnlyList{IRowSearch}, int, TimeProvider, BackgroundRemover, IReadOnlyList{PartialWhitening})"/>
    public static MrfAdScorer For(BankFile bank, Encoder encoder, IReadOnlyList<IRowSearch> searches, int threads, TimeProvider clock, BackgroundRemover? background) =>
        new(encoder, bank.Description.Options, searches, threads, clock, background, bank.Whitenings) { Weights = bank.Description.Weights };

    /// <summary>The regions, of which the ignored ones are not searched; null inspects everything.</summary>
    public RegionLabels? Regions { get; set; }

    /// <summary>The factor of each branch's map in the mean, > 0; null where all count alike (eq. 6).</summary>
    public IReadOnlyList<float>? Weights { get; set; }

    /// <summary>The times of the stages for the last scored image.</summary>
    public StageTimes Times { get; private set; } = new(default, default, default);

    /// <param name="image">The image, [H, W, C].</param>
    /// <param name="exclude">Returns, for each branch, the rows that must not be the answer (used in calibration); a <see cref="DeviceSearch"/> cannot exclude rows.</param>
    /// <returns>The anomaly map S [H, W] (eq. 6), 0 on background and where <see cref="Regions"/> ignore it; it belongs to this object and is overwritten by the next call.</returns>
    /// <exception cref="ImageMismatchException">The regions are drawn over images of another size.</exception>
    /// <exception cref="ArgumentException">Rows are to be excluded from a <see cref="DeviceSearch"/>.</exception>
    /// <exception cref="Onnx.Graphs.OnnxModelException">The encoder gives features of another dimension than the banks', or not finite ones.</exception>
    public AnomalyMap Score(Image image, Func<int, RowRange>? exclude = null) => Score(image, null, exclude);

    /// <summary>
    /// Computes the map as far as the verdict needs it: its highest score and all scores at or above <paramref name="threshold"/> have the bits of <see cref="Score(Image, Func{int, RowRange}?)"/>;
    /// others are upper bounds. Where a search cannot give bounds, all is computed.
    /// </summary>
    /// <inheritdoc cref="Score(Image, Func{int, RowRange}?)"/>
    public AnomalyMap ScoreCertified(Image image, float threshold, Func<int, RowRange>? exclude = null) => Score(image, threshold, exclude);

    /// <summary>The map of the image scored last.</summary>
    /// <exception cref="InvalidOperationException">No image has been scored.</exception>
    public AnomalyMap Map => _fusion?.Result ?? throw new InvalidOperationException("no image has been scored");

    /// <summary>The score from which on the last map is exact; −∞ where all of it is.</summary>
    public float ExactFrom => _bounded?.ExactFrom ?? float.NegativeInfinity;

    /// <summary>The share of the last image's patches that were searched exactly.</summary>
    public double SearchedShare => _bounded is null ? 1 : (double)_bounded.SearchedPatches / _maps.Sum(m => m.Length);

    /// <summary>Makes all scores of the last map at or above <paramref name="from"/> exact.</summary>
    public void MakeExact(float from)
    {
        _bounded?.MakeExact(from);
        if (Regions is not null)
            RegionLabels.ClearIgnored(Map.Scores, Regions.Labels);
    }

    /// <summary>Scores an image of the regions' size whose features were extracted before. The background remover must have seen the image last.</summary>
    /// <param name="width">The width of the image, px.</param>
    /// <param name="encoded">Its features as the encoder gave them, of each pair of layer and scale; valid until the map has been used.</param>
    /// <param name="threshold">The threshold of the certified search; null computes the whole map.</param>
    /// <inheritdoc cref="ScoreCertified"/>
    public AnomalyMap Score(int width, int height, BranchFeatures encoded, float? threshold, Func<int, RowRange>? exclude = null)
    {
        var start = _clock.GetTimestamp();
        return Search(width, height, _shaping.Of(encoded), threshold, exclude, start, start);
    }

    private AnomalyMap Score(Image image, float? threshold, Func<int, RowRange>? exclude)
    {
        if (Regions?.Regions is { } drawn && (drawn.WidthPx, drawn.HeightPx) != (image.Width, image.Height))
            throw new ImageMismatchException($"the regions are drawn over images of {drawn.WidthPx}x{drawn.HeightPx}, got {image}");
        var start = _clock.GetTimestamp();
        var seen = _background?.Remove(image) ?? image;               // section 5.3.3
        var masked = _clock.GetTimestamp();
        return Search(image.Width, image.Height, _pyramids.Extracted(image, seen).Branch, threshold, exclude, start, masked); // F_{l,s}, eq. 3
    }

    private AnomalyMap Search(int width, int height, BranchFeatures features, float? threshold, Func<int, RowRange>? exclude, long start, long masked)
    {
        var extracted = _clock.GetTimestamp();
        _features = features;
        Fit(width, height);
        _fusion!.Weights = Weights;
        _bounded = threshold is null ? null : _certified;
        _bounded?.Bound(_background?.Mask, Regions, exclude);
        for (var i = 0; i < _maps.Length && _bounded is null; i++)
        {
            _part.Search(                                             // S_{l,s}, eq. 5
                _searches[i], features(i), _background?.Mask, Regions, _maps[i], _nearest[i], _scratch, exclude?.Invoke(i) ?? RowRange.None);
        }

        var searched = _clock.GetTimestamp();
        var map = _fusion.Fuse(_maps);                               // S, eq. 6
        var fused = _clock.GetTimestamp();
        _bounded?.Prove(threshold!.Value);
        if (Regions is not null)
            RegionLabels.ClearIgnored(map.Scores, Regions.Labels);
        var proved = _clock.GetTimestamp();
        StageSpans.Add(
            _clock, (StageSpans.Mask, start, _background is null ? start : masked), (StageSpans.Features, masked, extracted), (StageSpans.Search, extracted, searched),
            (StageSpans.Fuse, searched, fused), (StageSpans.Search, fused, _bounded is null ? fused : proved));
        var search = _clock.GetElapsedTime(extracted, searched) + _clock.GetElapsedTime(fused, proved);
        Times = new StageTimes(_clock.GetElapsedTime(masked, extracted), search, _clock.GetElapsedTime(searched, fused)) { Mask = _clock.GetElapsedTime(start, masked) };
        return map;
    }

    /// <summary>The score map S_{l,s} [h·w] of each branch, of the image scored last.</summary>
    public IReadOnlyList<float[]> BranchMaps => _maps;

    /// <summary>The row of the bank nearest to each patch [h·w] of each branch, of the image scored last; -1 where none was searched.</summary>
    public IReadOnlyList<int[]> NearestRows => _nearest;

    /// <summary>The width and height of each of <see cref="BranchMaps"/>.</summary>
    public IReadOnlyList<(int Width, int Height)> BranchSizes { get; private set; } = [];

    public void Dispose()
    {
        _pyramids.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Allocates buffers for this size of image, where it differs from the last.</summary>
    private void Fit(int width, int height)
    {
        if (_size == (width, height))
            return;
        var sizes = new (int Width, int Height)[_maps.Length];
        for (var i = 0; i < _maps.Length; i++)
        {
            var features = _features(i);
            if (features.Dimension != _searches[i].Dimension)
                throw new Onnx.Graphs.OnnxModelException($"the encoder gives features of {features.Dimension} values, the bank's have {_searches[i].Dimension}");
            _maps[i] = new float[features.Count];
            _nearest[i] = new int[features.Count];
            Array.Fill(_nearest[i], -1); // no initial guess for the first frame; each frame's answers are the guesses for the next one
            sizes[i] = (features.Width, features.Height);
        }

        BranchSizes = sizes;
        _fusion = new MapFusion(sizes, width, height);
        _size = (width, height);
        _certified = _searches.All(s => s is ExactSearch)
            ? new CertifiedSearch(b => _features(b), [.. _searches.Cast<ExactSearch>()], _fusion, _maps, _nearest, _scratch)
            : null;
    }
}
