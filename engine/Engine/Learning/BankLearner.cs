using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
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

    /// <param name="path">The path of the bank, which is written atomically.</param>
    /// <exception cref="LearnException">There are too few images, unreadable ones, or sizes that differ.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot process images of this size.</exception>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public LearnResult Learn(LearnRequest request, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var reduces = request.Budget is not null || request.Options.Reduction == RowReduction.Coreset;
        if (request.Candidates.Count > 0 && (reduces || request.Shard.Count > 1))
            throw new LearnException("the map cannot be chosen together with a coreset, a budget or shards: choose it first, and learn then with what was chosen");
        if (request.Candidates.Count > 0)
            request = request with { Options = MapChooser.Union(request.Options, request.Candidates) };
        if (request.Shard.Count > 1 && (reduces || request.Options.IsWhitened || request.Options.LevelMaps || request.Options.MixedSizes || request.Options.Background is not null || request.Alignment is not null))
            throw new LearnException("a shard cannot be reduced by a coreset or a budget, nor whitened or levelled, nor be of mixed sizes, without background or aligned: what is kept must not depend on what the other shards see");
        using var pool = new RowSpill(folder, reduces || request.Options.IsWhitened ? RowPrecision.Fp32 : request.Options.Precision);
        var statistics = new ReferenceStatisticsLearner();
        var reference = request.Alignment is null ? null : ChooseReference(request, request.Alignment, progress, cancellation);
        using var aligner = reference is null ? null : new ImageAligner(reference);
        var (images, skipped) = Survey(request, aligner, statistics, progress, cancellation);
        reference = reference is null ? null : AlignmentLearner.WithLimit(reference, [.. images.Select(i => (i.Path, i.Place!))]);
        var referenceMask = request.Options.Background is null ? null : LearnReferenceMask(images);
        using var background = referenceMask is null ? null : Remover(request.Options, referenceMask);
        using var pyramids = new PyramidCache(encoder, request.Options, background) { Regions = RegionLabels.Of(request.Regions) };

        var samples = RowExtraction.Plan(request, images, pyramids, background, reduces ? request.Pool : request.Options.RowsPerBank, progress, cancellation);
        var kept = new KeptFeatures(background is null ? request.KeptBytes : 0); // with a background, calibration needs the mask too
        RowExtraction.Extract(images, RowExtraction.FirstOf(request, request.Shard.Index), samples, pool, kept, pyramids, progress, cancellation);
        using var whitened = request.Options.IsWhitened ? new RowSpill(folder, reduces ? RowPrecision.Fp32 : request.Options.Precision) : null;
        var whitenings = whitened is null ? null : RowWhitening.Learn(pool, whitened, request.Options, cancellation);
        var spill = whitened ?? pool;
        var good = new LearnedImages(images, skipped, statistics, kept, referenceMask, reference, null);
        spill.Seal(request.Options.Seed);
        if (request.Candidates.Count > 0)
            return Choose(request, good, spill, whitenings, background, path, progress, cancellation);
        if (!reduces)
            return Finish(request, request.Options, good, spill, whitenings, null, path, progress, cancellation);

        var options = request.Budget is { } budget ? BankBudget.Fit(budget, request.Options, spill) : request.Options;
        using var reduced = new RowSpill(folder, options.Precision);
        var cost = new BankReduction(options, request.Threads).Reduce(spill, reduced, progress, cancellation);
        return Finish(request, options, good, reduced, whitenings, cost, path, progress, cancellation);
    }

    /// <summary>Chooses one of the candidates, and finishes its bank as if the others had not been learned.</summary>
    private LearnResult Choose(
        LearnRequest request, LearnedImages good, RowSpill spill, IReadOnlyList<PartialWhitening?>? whitenings, BackgroundRemover? background, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        MapChoice choice;
        using (var heldOut = new HeldOutImages(encoder, request, good.Images, spill, whitenings, good.Kept, background, clock))
            choice = MapChooser.Choose(heldOut, request.Options, request.Candidates, progress, cancellation);
        var chosen = request.Candidates[choice.Chosen];
        var branches = MapChooser.Branches(request.Options, chosen, spill.Count);
        spill.Keep(branches);
        request = request with { Options = request.Options with { Shapes = [.. request.Options.Shapes.Where(chosen.Shapes.Contains)], LevelMaps = chosen.LevelMaps } };
        return Finish(request, request.Options, good with { Choice = choice }, spill, request.Options.IsWhitened ? [.. branches.Select(b => whitenings![b])] : null, null, path, progress, cancellation);
    }

    /// <summary>All that is known of the good images, apart from their rows.</summary>
    private sealed record LearnedImages(List<GoodImage> Images, List<string> Skipped, ReferenceStatisticsLearner Statistics, KeptFeatures Kept, ReferenceMask? Mask, AlignmentReference? Alignment, MapChoice? Choice);

    private BackgroundRemover Remover(MrfAdOptions options, ReferenceMask referenceMask) => new(MaskModel, options.Background!.Value, referenceMask, encoder.Descriptor.Mean);

    private MaskModel MaskModel => maskModel ?? throw new LearnException("the background cannot be removed without a mask model");

    private ReferenceMask LearnReferenceMask(List<GoodImage> images)
    {
        var referenceMask = ReferenceMask.Of([.. images.Select(i => i.Mask!)]);
        return referenceMask.Area.Median > 0 ? referenceMask : throw new LearnException($"the mask model {MaskModel.Id} finds no part in most of the images: learn them with their background");
    }

    private LearnResult Finish(
        LearnRequest request, MrfAdOptions options, LearnedImages good, RowSpill spill, IReadOnlyList<PartialWhitening?>? whitenings, ReductionCost? cost, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = good.Images;
        using var background = good.Mask is null ? null : Remover(request.Options, good.Mask);
        using var heldOut = new HeldOutImages(encoder, request, images, spill, whitenings, good.Kept, background, clock);
        var weights = request.Options.LevelMaps ? heldOut.Level(cancellation) : null;
        var calibration = heldOut.Calibrate(progress, cancellation);

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
            ReferenceStatistics = good.Alignment is null ? good.Statistics.Finish() : good.Statistics.Finish([.. images.Select(i => i.Place!)]),
            Alignment = good.Alignment,
            Regions = request.Regions,
            Weights = weights,
            Choice = good.Choice,
            Reduction = cost,
            Mask = good.Mask is null ? null : new MaskDescription { ModelId = MaskModel.Id, ModelSha256 = MaskModel.Sha256, ModelSettingsSha256 = MaskModel.SettingsSha256, Reference = good.Mask },
        };
        var painted = request.PaintedDefects == 0 ? [] : heldOut.FindPainted(request.PaintedDefects, calibration.Threshold, progress, cancellation);
        progress?.Report(new LearnProgress("writing", 0, 1));
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames, whitenings), [.. images.Select(i => ImageNames.Of(i.Path, request.Root))]);
        progress?.Report(new LearnProgress("writing", 1, 1));
        return new LearnResult(description, new FileInfo(path).Length, good.Skipped) { Warnings = good.Statistics.Warning is { } warning ? [warning] : [], Painted = painted };
    }

    /// <summary>Reads every image once, so that errors in the set are reported before the long work begins.</summary>
    private (List<GoodImage> Images, List<string> Skipped) Survey(LearnRequest request, ImageAligner? aligner, ReferenceStatisticsLearner statistics, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = new List<GoodImage>();
        var unreadable = new List<string>();
        var (first, end) = (RowExtraction.FirstOf(request, request.Shard.Index), RowExtraction.FirstOf(request, request.Shard.Index + 1));
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

    private MaskStatistics StatisticsOf(Image image)
    {
        var statistics = new MaskStatistics();
        statistics.Measure(MaskModel.Find(image));
        return statistics;
    }
}
