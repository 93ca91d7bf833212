using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;

namespace MrfAd.Engine.Learning;

/// <summary>
/// Learns a calibrated bank from good images (eq. 4): features of all images at all scales, one bank for each layer and scale, then a
/// k-fold calibration in which each image is scored by the rows of the images of the other folds. Folds are runs of neighbouring images:
/// neighbours on a line look alike, and a fold that left only one of them out would make scores too low.
/// </summary>
/// <param name="encoder">The encoder, which is not disposed here.</param>
/// <param name="clock">The clock that measures the times of the stages.</param>
/// <param name="maskModel">The mask model that separates part from background, needed where <see cref="MrfAdOptions.Background"/> is set. It is not disposed here.</param>
public sealed class BankLearner(Encoder encoder, TimeProvider clock, MaskModel? maskModel = null)
{
    // Fewer good images cannot be both learned and held out.
    private const int MinImages = 4;

    // Of how many held-out images one map is computed as a whole, and how many of those there are at least.
    private const int MapEvery = 4, MinMaps = 6;

    /// <param name="path">The path of the bank, which is written atomically.</param>
    /// <exception cref="LearnException">There are too few images, unreadable ones, or sizes that differ.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot process images of this size.</exception>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public LearnResult Learn(LearnRequest request, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var reduces = request.Budget is not null || request.Options.Reduction == RowReduction.Coreset;
        if (request.Shard.Count > 1 && (reduces || request.Options.MixedSizes || request.Options.Background is not null || request.Alignment is not null))
            throw new LearnException("a shard cannot be reduced by a coreset or a budget, nor be of mixed sizes, without background or aligned: which rows are kept must not depend on what the other shards see");
        using var pool = new RowSpill(folder, reduces ? RowPrecision.Fp32 : request.Options.Precision);
        var statistics = new ReferenceStatisticsLearner();
        var reference = request.Alignment is null ? null : ChooseReference(request, request.Alignment, progress, cancellation);
        using var aligner = reference is null ? null : new ImageAligner(reference);
        var (images, skipped) = Survey(request, aligner, statistics, progress, cancellation);
        reference = reference is null ? null : AlignmentLearner.WithLimit(reference, [.. images.Select(i => (i.Path, i.Place!))]);
        var referenceMask = request.Options.Background is null ? null : LearnReferenceMask(images);
        using var background = referenceMask is null ? null : Remover(request.Options, referenceMask);
        using var pyramids = new PyramidCache(encoder, request.Options, background) { Regions = Labels(request) };

        var samples = PlanRows(request, images, pyramids, background, reduces ? request.Pool : request.Options.RowsPerBank, progress, cancellation);
        var kept = new KeptFeatures(background is null ? request.KeptBytes : 0); // with a background, calibration needs the mask too
        Extract(images, FirstOf(request, request.Shard.Index), samples, pool, kept, pyramids, progress, cancellation);
        if (!reduces)
            return Finish(request, request.Options, images, statistics, skipped, referenceMask, reference, pool, kept, null, path, progress, cancellation);

        pool.Seal(request.Options.Seed);
        var options = request.Budget is { } budget ? BankBudget.Fit(budget, request.Options, pool) : request.Options;
        using var reduced = new RowSpill(folder, options.Precision);
        var cost = new BankReduction(options, request.Threads).Reduce(pool, reduced, progress, cancellation);
        return Finish(request, options, images, statistics, skipped, referenceMask, reference, reduced, kept, cost, path, progress, cancellation);
    }

    private BackgroundRemover Remover(MrfAdOptions options, ReferenceMask referenceMask) => new(MaskModel, options.Background!.Value, referenceMask, encoder.Descriptor.Mean);

    private MaskModel MaskModel => maskModel ?? throw new LearnException("the background cannot be removed without a mask model");

    private ReferenceMask LearnReferenceMask(List<GoodImage> images)
    {
        var referenceMask = ReferenceMask.Of([.. images.Select(i => i.Mask!)]);
        return referenceMask.Area.Median > 0 ? referenceMask : throw new LearnException($"the mask model {MaskModel.Id} finds no part in most of the images: learn them with their background");
    }

    private LearnResult Finish(
        LearnRequest request, MrfAdOptions options, List<GoodImage> images, ReferenceStatisticsLearner statistics, List<string> skipped, ReferenceMask? referenceMask, AlignmentReference? alignment, RowSpill spill, KeptFeatures kept, ReductionCost? cost, string path,
        IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        if (cost is null)
            spill.Seal(options.Seed);
        var calibration = Calibrate(request, images, referenceMask, spill, kept, progress, cancellation);

        var first = images[0];
        var description = new BankDescription
        {
            Id = request.Id,
            Version = request.Version,
            Created = request.Created,
            EncoderId = encoder.Id,
            EncoderSha256 = encoder.Sha256,
            EncoderSettingsSha256 = encoder.SettingsSha256,
            Layers = encoder.Layers,
            Options = options,
            ImageWidth = first.Width,
            ImageHeight = first.Height,
            MaxImagePixels = options.MixedSizes ? images.Max(i => (long)i.Width * i.Height) : null,
            Views = ViewSizes.Of(first.Width, first.Height, options, encoder.Descriptor.SizeMultiple),
            Images = images.Count,
            TrainingSha256 = TrainingDigest.OfImages([.. images.Select(i => (i.Path, ImageNames.Of(i.Path, request.Root)))]),
            Calibration = calibration,
            ReferenceStatistics = alignment is null ? statistics.Finish() : statistics.Finish([.. images.Select(i => i.Place!)]),
            Alignment = alignment,
            Regions = request.Regions,
            Reduction = cost,
            Mask = referenceMask is null ? null : new MaskDescription { ModelId = MaskModel.Id, ModelSha256 = MaskModel.Sha256, ModelSettingsSha256 = MaskModel.SettingsSha256, Reference = referenceMask },
        };
        progress?.Report(new LearnProgress("writing", 0, 1));
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames), [.. images.Select(i => ImageNames.Of(i.Path, request.Root))]);
        progress?.Report(new LearnProgress("writing", 1, 1));
        return new LearnResult(description, new FileInfo(path).Length, skipped) { Warnings = statistics.Warning is { } warning ? [warning] : [] };
    }

    /// <summary>Reads every image once, so that errors in the set are reported before the long work begins.</summary>
    private (List<GoodImage> Images, List<string> Skipped) Survey(LearnRequest request, ImageAligner? aligner, ReferenceStatisticsLearner statistics, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = new List<GoodImage>();
        var unreadable = new List<string>();
        var (first, end) = (FirstOf(request, request.Shard.Index), FirstOf(request, request.Shard.Index + 1));
        var limits = request.Limits ?? ImageFolder.Limits([.. request.Images.Skip(first).Take(end - first)]);
        foreach (var path in request.Images.Skip(first).Take(end - first))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var image = ImageCodec.Read(path, limits);
                images.Add(Measure(image, path, request, aligner));
                statistics.Add(image);
            }
            catch (Exception e) when (e is ImageFormatException or IOException)
            {
                unreadable.Add(e.Message);
            }

            progress?.Report(new LearnProgress("reading", images.Count + unreadable.Count, end - first));
        }

        if (unreadable.Count > 0 && (!request.SkipUnreadable || request.Shard.Count > 1))
            throw new LearnException($"{unreadable.Count} of {request.Images.Count} images cannot be read (--skip-unreadable leaves them out):\n  {string.Join("\n  ", unreadable)}");
        if (images.Count < MinImages)
            throw new LearnException($"want at least {MinImages} good images, got {images.Count}");
        var odd = images.Find(i => (i.Width, i.Height) != (images[0].Width, images[0].Height));
        if (odd is not null && !request.Options.MixedSizes)
            throw new LearnException($"sizes differ: {images[0].Path} is {images[0].Width}x{images[0].Height}, {odd.Path} is {odd.Width}x{odd.Height} (--mixed-sizes allows it)");
        return (images, unreadable);
    }

    private static AlignmentReference ChooseReference(LearnRequest request, AlignmentOptions options, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var limits = request.Limits ?? ImageFolder.Limits(request.Images);
        return request.Regions is null
            ? AlignmentLearner.Choose(request.Images, Name, options, limits, progress, cancellation)
            : AlignmentLearner.Named(request.Images, Name, request.Regions.Image, options, limits);

        string Name(string path) => ImageNames.Of(path, request.Root);
    }

    private static RegionLabels? Labels(LearnRequest request) => request.Regions is { } regions ? new RegionLabels(regions) : null;

    private GoodImage Measure(Image image, string path, LearnRequest request, ImageAligner? aligner)
    {
        if (request.Regions is { } drawn && (image.Width, image.Height) != (drawn.WidthPx, drawn.HeightPx))
            throw new LearnException($"the regions are drawn over images of {drawn.WidthPx}x{drawn.HeightPx}, {path} is {image.Width}x{image.Height}");
        if (aligner is { Reference: var reference } && (image.Width, image.Height) != (reference.Width, reference.Height))
            throw new LearnException($"sizes differ: the reference of the alignment, {reference.Image}, is {reference.Width}x{reference.Height}, {path} is {image.Width}x{image.Height}");
        var place = aligner?.Align(image);
        using var upright = place is null ? null : ImageAligner.Upright(image, place);
        return new GoodImage(path, image.Width, image.Height, request.Options.Background is null ? null : StatisticsOf(upright ?? image), place);
    }

    /// <summary>Returns the first image of a shard.</summary>
    private static int FirstOf(LearnRequest request, int shard) => (int)((long)shard * request.Images.Count / request.Shard.Count);

    private MaskStatistics StatisticsOf(Image image)
    {
        var statistics = new MaskStatistics();
        statistics.Measure(MaskModel.Find(image));
        return statistics;
    }

    /// <summary>
    /// Plans the rows of each branch. The number of patches of each image follows from the strides, which one image shows, and from its mask; the images of other shards are taken to be as
    /// large as those of this one, so that all shards choose the same rows.
    /// </summary>
    private static RowSample[] PlanRows(
        LearnRequest request, List<GoodImage> images, PyramidCache pyramids, BackgroundRemover? background, int? maxRows, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        using var first = images[0].Open();
        var pyramid = pyramids.Extracted(first);
        var layers = pyramid.Branches / pyramid.Views.Count;
        var strides = Enumerable.Range(0, pyramid.Branches).Select(b =>
        {
            var view = pyramid.Views[b / layers];
            var features = pyramid.Branch(b);
            return (X: view.Width / features.Width, Y: view.Height / features.Height);
        }).ToArray();

        var sizes = Sizes(request, images).ToList();
        var patches = strides.Select(_ => new int[sizes.Count]).ToArray();
        for (var i = 0; i < sizes.Count; i++)
        {
            if (background is not null)
            {
                cancellation.ThrowIfCancellationRequested();
                using var image = images[i].Open();
                background.Remove(image);
                progress?.Report(new LearnProgress("masking", i + 1, images.Count));
            }

            var views = pyramids.Views(sizes[i].Width, sizes[i].Height);
            for (var b = 0; b < strides.Length; b++)
            {
                var (columns, rows) = (views[b / layers].Width / strides[b].X, views[b / layers].Height / strides[b].Y);
                patches[b][i] = background is null && sizes[i].Place is null && request.Regions is null ? columns * rows : sizes[i].Patches(pyramids, columns, rows, new int[columns * rows]);
            }
        }

        return [.. patches.Select((counts, b) => new RowSample(counts, maxRows, request.Options.Seed + b))];
    }

    private static IEnumerable<GoodImage> Sizes(LearnRequest request, List<GoodImage> images) =>
        request.Shard.Count == 1 ? images : Enumerable.Repeat(images[0], request.Images.Count);

    private static void Extract(
        List<GoodImage> images, int first, RowSample[] samples, RowSpill spill, KeptFeatures kept, PyramidCache pyramids, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var patches = Array.Empty<int>();
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = images[i].Open();
            var pyramid = pyramids.Extracted(image);
            kept.Add(i, pyramid);
            for (var b = 0; b < samples.Length; b++)
            {
                var features = pyramid.Branch(b);
                if (patches.Length < features.Count)
                    patches = new int[features.Count];
                images[i].Patches(pyramids, features.Width, features.Height, patches);
                spill.Begin(b, features.Dimension);
                var rows = samples[b].Rows(first + i);
                for (var row = rows.Start; row < rows.End; row++)
                    spill.AddPatch(b, i, patches[samples[b].Patch(first + i, row)], features, images[i].Path);
            }

            progress?.Report(new LearnProgress("extracting", i + 1, images.Count));
        }

        for (var b = 0; b < samples.Length; b++)
        {
            if (spill.Sources(b).Count == 0)
                throw new LearnException($"none of the {samples[b].Count} rows of branch {b} falls into this shard: want fewer shards, or more rows");
        }
    }

    private Calibration Calibrate(
        LearnRequest request, List<GoodImage> images, ReferenceMask? referenceMask, RowSpill spill, KeptFeatures kept, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var folds = Math.Min(request.Folds, images.Count);
        using var background = referenceMask is null ? null : Remover(request.Options, referenceMask);
        using var scorer = new MrfAdScorer(
            encoder, request.Options, [.. Enumerable.Range(0, spill.Count).Select(b => Searches.Of(spill.Search(b), request.Options))], request.Threads, clock, background)
        {
            Regions = Labels(request),
        };
        var partOnly = referenceMask is not null || scorer.Regions is not null || images[0].Place is not null;
        // The map of a part is warped, or cleared in places, before its score is taken.
        var mapEvery = request.Certified && request.Rule == ThresholdRule.Quantile && !partOnly ? Math.Clamp(images.Count / MinMaps, 1, MapEvery) : 1;
        var calibrator = new Calibrator();
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var fold = (int)((long)i * folds / images.Count);
            for (var b = 0; b < spill.Count; b++)
            {
                if (spill.RowsOf(b, FirstOf(fold), FirstOf(fold + 1)) is var (start, end) && end - start == spill.Sources(b).Count / 2)
                    throw new LearnException($"all {end - start} rows of a bank come from one of the {folds} folds, which must be scored by the others: want more rows");
            }

            var isWhole = i % mapEvery == 0;
            var map = Score(scorer, images[i], kept.Of(i), isWhole ? null : float.PositiveInfinity, b => spill.RowsOf(b, FirstOf(fold), FirstOf(fold + 1)));
            scorer.Regions?.ClearOwnLimits(map.Scores);
            if (isWhole)
                calibrator.Add(images[i].AsSeen(map), partOnly);
            else
                calibrator.AddScore(map);
            progress?.Report(new LearnProgress("calibrating", i + 1, images.Count));
        }

        return calibrator.Finish(request.FalseAlarms, request.Rule);

        int FirstOf(int fold) => (int)((((long)fold * images.Count) + folds - 1) / folds);
    }

    private static AnomalyMap Score(MrfAdScorer scorer, GoodImage good, BranchFeatures? kept, float? threshold, Func<int, RowRange> exclude)
    {
        if (kept is not null)
            return scorer.Score(good.Width, good.Height, kept, threshold, exclude);
        using var image = good.Open();
        return threshold is { } from ? scorer.ScoreCertified(image, from, exclude) : scorer.Score(image, exclude);
    }
}
