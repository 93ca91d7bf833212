using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Onnx;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Banks;

/// <summary>
/// From good images to a calibrated bank (eq. 4): features of all images at all scales, one bank for each layer and scale, then a
/// k-fold calibration in which each image is scored by the rows of the images of the other folds. Folds are runs of neighbouring images:
/// neighbours on a line look alike, and a fold that left only one of them out would flatter the scores.
/// </summary>
/// <param name="encoder">Not disposed here.</param>
/// <param name="clock">For the times of the stages.</param>
public sealed class BankLearner(Encoder encoder, TimeProvider clock)
{
    // Fewer good images cannot be both learned and held out.
    private const int LeastImages = 4;

    /// <param name="path">Where the bank goes; whole or not at all.</param>
    /// <exception cref="LearnException">Too few images, unreadable ones, or sizes that differ.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot process images of this size.</exception>
    /// <exception cref="IOException">Disk full or not writable.</exception>
    public LearnResult Learn(LearnRequest request, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var reduces = request.Budget is not null || request.Options.Reduction == RowReduction.Coreset;
        using var pool = new RowSpill(folder, reduces ? RowPrecision.Fp32 : request.Options.Precision);
        var (images, skipped) = Survey(request, progress, cancellation);
        using var pyramids = new PyramidCache(encoder, request.Options);

        if (request.Shard.Count > 1 && (reduces || request.Options.MixedSizes))
            throw new LearnException("a shard cannot be reduced by a coreset or a budget, nor be of mixed sizes: which rows are kept must not depend on what the other shards see");
        var samples = PlanRows(request, images, pyramids, reduces ? request.Pool : request.Options.RowsPerBank);
        Extract(images, FirstOf(request, request.Shard.Index), samples, pool, pyramids, progress, cancellation);
        if (!reduces)
            return Finish(request, request.Options, images, skipped, pool, null, path, progress, cancellation);

        pool.Seal(request.Options.Seed);
        var options = request.Budget is { } budget ? BankBudget.Fit(budget, request.Options, pool) : request.Options;
        using var reduced = new RowSpill(folder, options.Precision);
        var cost = new BankReduction(options, request.Threads).Reduce(pool, reduced, progress, cancellation);
        return Finish(request, options, images, skipped, reduced, cost, path, progress, cancellation);
    }

    private LearnResult Finish(
        LearnRequest request, MrfAdOptions options, List<Source> images, List<string> skipped, RowSpill spill, ReductionCost? cost, string path,
        IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        if (cost is null)
            spill.Seal(options.Seed);
        var calibration = Calibrate(request, images, spill, progress, cancellation);

        var first = images[0];
        var description = new BankDescription
        {
            Id = request.Id,
            Version = request.Version,
            Created = request.Created,
            EncoderId = encoder.Id,
            EncoderSha256 = encoder.Sha256,
            Layers = encoder.Layers,
            Options = options,
            ImageWidth = first.Width,
            ImageHeight = first.Height,
            Views = ViewSizes.Of(first.Width, first.Height, options, encoder.Descriptor.SizeMultiple),
            Images = images.Count,
            TrainingSha256 = TrainingDigest.Of(images.Select(i => i.Path)),
            Calibration = calibration,
            Reduction = cost,
        };
        progress?.Report(new LearnProgress("writing", 0, 1));
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames), [.. images.Select(i => Path.GetFileName(i.Path))]);
        progress?.Report(new LearnProgress("writing", 1, 1));
        return new LearnResult(description, new FileInfo(path).Length, skipped);
    }

    /// <summary>Reads every image once, so that what is wrong with the set is said before the long work begins.</summary>
    private static (List<Source> Images, List<string> Skipped) Survey(LearnRequest request, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = new List<Source>();
        var unreadable = new List<string>();
        var (first, end) = (FirstOf(request, request.Shard.Index), FirstOf(request, request.Shard.Index + 1));
        foreach (var path in request.Images.Skip(first).Take(end - first))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var image = ImageCodec.Read(path);
                images.Add(new Source(path, image.Width, image.Height));
            }
            catch (Exception e) when (e is ImageFormatException or IOException)
            {
                unreadable.Add(e.Message);
            }

            progress?.Report(new LearnProgress("reading", images.Count + unreadable.Count, end - first));
        }

        if (unreadable.Count > 0 && (!request.SkipUnreadable || request.Shard.Count > 1))
            throw new LearnException($"{unreadable.Count} of {request.Images.Count} images cannot be read (--skip-unreadable leaves them out):\n  {string.Join("\n  ", unreadable)}");
        if (images.Count < LeastImages)
            throw new LearnException($"want at least {LeastImages} good images, got {images.Count}");
        var odd = images.Find(i => (i.Width, i.Height) != (images[0].Width, images[0].Height));
        if (odd is not null && !request.Options.MixedSizes)
            throw new LearnException($"sizes differ: {images[0].Path} is {images[0].Width}x{images[0].Height}, {odd.Path} is {odd.Width}x{odd.Height} (--mixed-sizes allows it)");
        return (images, unreadable);
    }

    /// <summary>The first image of a shard.</summary>
    private static int FirstOf(LearnRequest request, int shard) => (int)((long)shard * request.Images.Count / request.Shard.Count);

    /// <summary>
    /// How many patches each image will have in each branch is known from the strides, which one image tells; the images of other shards are as large as those of
    /// this one, so that all choose the same rows.
    /// </summary>
    private static RowSample[] PlanRows(LearnRequest request, List<Source> images, PyramidCache pyramids, int? most)
    {
        using var image = ImageCodec.Read(images[0].Path);
        var pyramid = pyramids.Extracted(image);
        var layers = pyramid.Branches / pyramid.Views.Count;
        var samples = new RowSample[pyramid.Branches];
        for (var b = 0; b < samples.Length; b++)
        {
            var view = b / layers;
            var features = pyramid.Branch(b);
            var (strideX, strideY) = (pyramid.Views[view].Width / features.Width, pyramid.Views[view].Height / features.Height);
            samples[b] = new RowSample(
                Sizes(request, images).Select(i => pyramids.Views(i.Width, i.Height)[view]).Select(v => v.Width / strideX * (v.Height / strideY)),
                most,
                request.Options.Seed + b);
        }

        return samples;
    }

    private static IEnumerable<Source> Sizes(LearnRequest request, List<Source> images) =>
        request.Shard.Count == 1 ? images : Enumerable.Repeat(images[0], request.Images.Count);

    private static void Extract(
        List<Source> images, int first, RowSample[] samples, RowSpill spill, PyramidCache pyramids, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = ImageCodec.Read(images[i].Path);
            var pyramid = pyramids.Extracted(image);
            for (var b = 0; b < samples.Length; b++)
            {
                var features = pyramid.Branch(b);
                var rows = samples[b].Rows(first + i);
                for (var row = rows.Start; row < rows.End; row++)
                    spill.AddPatch(b, i, samples[b].Patch(first + i, row), features, images[i].Path);
            }

            progress?.Report(new LearnProgress("extracting", i + 1, images.Count));
        }

        if (spill.Count < samples.Length)
            throw new LearnException($"none of the {samples[spill.Count].Count} rows of branch {spill.Count} falls into this shard: want fewer shards, or more rows");
    }

    private Calibration Calibrate(
        LearnRequest request, List<Source> images, RowSpill spill, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var folds = Math.Min(request.Folds, images.Count);
        using var scorer = new MrfAdScorer(encoder, request.Options, [.. Enumerable.Range(0, spill.Count).Select(b => Searches.Of(spill.Search(b), request.Options))], request.Threads, clock);
        var calibrator = new Calibrator();
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var fold = (int)((long)i * folds / images.Count);
            using var image = ImageCodec.Read(images[i].Path);
            calibrator.Add(scorer.Score(image, b => spill.RowsOf(b, FirstOf(fold), FirstOf(fold + 1))));
            progress?.Report(new LearnProgress("calibrating", i + 1, images.Count));
        }

        return calibrator.Finish(request.FalseAlarms, request.Rule);

        int FirstOf(int fold) => (int)((((long)fold * images.Count) + folds - 1) / folds);
    }

    private sealed record Source(string Path, int Width, int Height);
}
