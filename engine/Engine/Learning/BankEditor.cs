using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Learning;

/// <summary>
/// Creates a new version of a bank with images added or removed; the rows of all other images stay bit-identical, and so do the axes
/// of the projection. The calibration follows the images: the score of a removed image is removed, and an added image is scored by the bank that
/// did not yet contain it.
/// </summary>
/// <param name="mask">The mask model with which the bank was learned, which is needed to append to such a bank. It is not disposed here.</param>
public sealed class BankEditor(BankFile bank, TimeProvider clock, MaskModel? mask = null)
{
    // A calibration needs at least this many images.
    private const int MinImages = 4;

    /// <summary>The largest image that is read; null means that the bank decides (<see cref="LearnedSize.Limits"/>).</summary>
    public ImageLimits? Limits { get; init; }

    /// <summary>Adds good images.</summary>
    /// <param name="encoder">The encoder with which the bank was learned.</param>
    /// <param name="images">The path of each image and its name in the bank; no image of the same name may be in the bank.</param>
    /// <param name="path">The path of the new bank, which is written atomically; it may be the path of the old one.</param>
    /// <exception cref="LearnException">An image cannot be read, has another size, is in the bank already, or gives values that cannot be stored.</exception>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public LearnResult Append(Encoder encoder, IReadOnlyList<(string Path, string Name)> images, int threads, string path, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var old = bank.Description;
        var names = bank.ImageNames().ToList();
        foreach (var image in images)
        {
            if (names.Contains(image.Name))
                throw new LearnException($"{image.Path}: an image called '{image.Name}' is in the bank already; remove it first to replace it, or add the folder above, whose name then tells them apart");
            names.Add(image.Name);
        }

        using var spill = new RowSpill(Path.GetDirectoryName(Path.GetFullPath(path))!, old.Options.Precision);
        CopyRows(spill, image => image);
        var calibrator = new Calibrator(old.Calibration, _ => true, PixelsOf(old));
        using var background = bank.OpenBackgroundRemover(mask, encoder);
        using var scorer = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], threads, clock, background);
        scorer.Regions = RegionLabels.Of(old.Regions);
        using var pyramids = new PyramidCache(encoder, old.Options, background, whitenings: bank.Whitenings) { Regions = scorer.Regions };
        using var aligner = bank.OpenAligner();
        var largest = old.MaxImagePixels;
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = Read(images[i].Path, old);
            var upright = Upright(aligner, image, images[i].Path);
            var map = scorer.Score(upright);
            scorer.Regions?.ClearOwnLimits(map.Scores);
            calibrator.Add(aligner?.AsSeen(map) ?? map, partOnly: background is not null || aligner is not null || scorer.Regions is not null);
            AddRows(spill, old.Images + i, pyramids, pyramids.Extracted(upright), old, new GoodImage(images[i].Path, image.Width, image.Height, null, aligner?.Last));
            largest = largest is { } pixels ? Math.Max(pixels, (long)image.Width * image.Height) : null;
            progress?.Report(new LearnProgress("adding", i + 1, images.Count));
        }

        return Write(spill, old with { MaxImagePixels = largest }, calibrator, names, path);
    }

    /// <summary>Removes images.</summary>
    /// <param name="images">Their names, as <see cref="BankFile.ImageNames"/> gives them, or the ends of those.</param>
    /// <inheritdoc cref="Append"/>
    public LearnResult Remove(IReadOnlyList<string> images, string path)
    {
        var old = bank.Description;
        var names = bank.ImageNames();
        var removed = images.Select(image => ImageNames.Find(names, image, old.Id)).ToHashSet();
        var left = names.Where((_, i) => !removed.Contains(i)).ToList();
        if (left.Count < MinImages)
            throw new LearnException($"a bank needs at least {MinImages} images, {left.Count} would be left");

        using var spill = new RowSpill(Path.GetDirectoryName(Path.GetFullPath(path))!, old.Options.Precision);
        var next = 0;
        int[] position = [.. names.Select((_, i) => removed.Contains(i) ? -1 : next++)];
        CopyRows(spill, image => position[image]);
        return Write(spill, old, new Calibrator(old.Calibration, image => position[image] >= 0, PixelsOf(old)), left, path);
    }

    /// <summary>
    /// Learns that images which were called defective are good (a correction): adds, in each branch, the patches where an image's map reaches its threshold, and their neighbours. The bank's threshold
    /// and all other rows stay; each image is added to the calibration with the score that it has afterwards. An image that the bank calls good stays out of it.
    /// </summary>
    /// <param name="images">The images; each is opened twice, one at a time.</param>
    /// <param name="version">The version of the new bank; null takes the next one.</param>
    /// <exception cref="LearnException">No image reaches its threshold, or one is in the bank already or gives values that cannot be stored.</exception>
    /// <inheritdoc cref="Append"/>
    public BankCorrection Teach(Encoder encoder, IReadOnlyList<TaughtImage> images, int threads, string path, int? version, CancellationToken cancellation)
    {
        var old = bank.Description;
        var names = bank.ImageNames().ToList();
        using var spill = new RowSpill(Path.GetDirectoryName(Path.GetFullPath(path))!, old.Options.Precision);
        CopyRows(spill, of => of);
        using var background = bank.OpenBackgroundRemover(mask, encoder);
        using var judge = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], threads, clock, background);
        using var pyramids = new PyramidCache(encoder, old.Options, background, whitenings: bank.Whitenings);
        using var aligner = bank.OpenAligner();
        var rasters = new RegionRasters();
        var corrected = new List<CorrectedImage>();
        foreach (var taught in images)
        {
            cancellation.ThrowIfCancellationRequested();
            if (names.Contains(taught.Name))
                throw new LearnException($"{taught.Name}: an image of this name is in the bank already");
            using var image = taught.Open();
            var upright = Upright(aligner, image, taught.Name);
            judge.Regions = pyramids.Regions = rasters.Of(taught.Regions ?? old.Regions, image);
            var map = judge.Score(upright);
            judge.Regions?.RelateTo(taught.Threshold, map.Scores);
            var before = HighestScore(aligner?.AsSeen(map) ?? map);
            var shown = new GoodImage(taught.Name, image.Width, image.Height, null, aligner?.Last);
            var rows = before < taught.Threshold ? 0 : AddFalseAlarm(spill, names.Count, map, taught, shown, pyramids, pyramids.Extracted(upright));
            if (rows > 0)
                names.Add(taught.Name);
            corrected.Add(new CorrectedImage(taught.Name, before, before, rows));
        }

        if (corrected.TrueForAll(image => image.Rows == 0))
        {
            throw new LearnException(images.Count == 1
                ? FormattableString.Invariant($"{images[0].Name} scores {corrected[0].Before:0.####}, below the threshold {images[0].Threshold:0.####}: there is nothing to teach")
                : $"all {images.Count} images score below the threshold: there is nothing to teach");
        }

        spill.Seal(old.Options.Seed, Projections());
        using var scorer = MrfAdScorer.For(bank, encoder, [.. Enumerable.Range(0, spill.Count).Select(b => Searches.Of(spill.Search(b), old.Options))], threads, clock, background);
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = images[i].Open();
            scorer.Regions = rasters.Of(images[i].Regions ?? old.Regions, image);
            var map = scorer.Score(Upright(aligner, image, images[i].Name));
            scorer.Regions?.RelateTo(images[i].Threshold, map.Scores);
            corrected[i] = corrected[i] with { After = HighestScore(aligner?.AsSeen(map) ?? map) };
        }

        var learned = corrected.Where(image => image.Rows > 0).ToList();
        var description = old with
        {
            Version = version ?? old.Version + 1,
            Created = clock.GetUtcNow(),
            Images = names.Count,
            TrainingSha256 = TrainingDigest.Of([old.TrainingSha256 ?? "", .. learned.Select(image => image.Name)]),
            Calibration = old.Calibration with { Scores = [.. old.Calibration.Scores, .. learned.Select(image => image.After)] },
        };
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames, bank.Whitenings), names);
        return new BankCorrection(description, corrected);
    }

    /// <summary>Adds the patches where the map of an image reaches the threshold, and their neighbours.</summary>
    /// <returns>The number of rows, summed over all branches.</returns>
    private int AddFalseAlarm(RowSpill spill, int number, Engine.Fusion.AnomalyMap map, TaughtImage taught, GoodImage shown, PyramidCache pyramids, FeaturePyramid pyramid)
    {
        var rows = 0;
        for (var b = 0; b < bank.BranchNames.Count; b++)
        {
            var features = pyramid.Branch(b);
            var patches = new int[features.Count];
            foreach (var patch in patches.AsSpan(0, shown.Patches(pyramids, features.Width, features.Height, patches)))
            {
                if (Reaches(map, taught.Threshold, PatchPlace.InGrid(patch, features.Width, features.Height, map.Width, map.Height)))
                {
                    spill.AddPatch(b, number, patch, features, taught.Name);
                    rows++;
                }
            }
        }

        return rows;
    }

    private static float HighestScore(Engine.Fusion.AnomalyMap map)
    {
        var highest = float.NegativeInfinity;
        foreach (var score in map.Scores)
            highest = MathF.Max(highest, score);
        return highest;
    }

    /// <summary>Returns true where the map reaches the threshold in a patch or in one of its neighbours: maps are interpolated between the centres of patches.</summary>
    private static bool Reaches(Engine.Fusion.AnomalyMap map, float threshold, PatchPlace patch)
    {
        var (left, right) = (Math.Max(0, patch.X - patch.Width), Math.Min(map.Width, patch.X + (2 * patch.Width)));
        for (var y = Math.Max(0, patch.Y - patch.Height); y < Math.Min(map.Height, patch.Y + (2 * patch.Height)); y++)
        {
            foreach (var score in map.Scores.Slice((y * map.Width) + left, right - left))
            {
                if (score >= threshold)
                    return true;
            }
        }

        return false;
    }

    /// <returns>The image with its part as in the reference, which belongs to the aligner; the image itself where the bank aligns none.</returns>
    private static Image Upright(FrameAligner? aligner, Image image, string name)
    {
        try
        {
            return aligner?.Upright(image) ?? image;
        }
        catch (ImageMismatchException e)
        {
            throw new LearnException($"{name}: {e.Message}");
        }
    }

    private static long PixelsOf(BankDescription old) => (long)((long)old.ImageWidth * old.ImageHeight * (old.Mask?.Reference.Area.Median ?? 1));

    /// <param name="move">Returns the new number of an image, or a negative number for an image that is removed.</param>
    private void CopyRows(RowSpill spill, Func<int, int> move)
    {
        foreach (var (name, b) in bank.BranchNames.Select((name, b) => (name, b)))
        {
            var rows = bank.Rows(name);
            var sources = bank.Sources(name);
            for (var row = 0; row < rows.Count; row++)
            {
                if (move(sources[2 * row]) is >= 0 and var image)
                    spill.Add(b, image, sources[(2 * row) + 1], rows, row);
            }

            if (spill.Count != b + 1)
                throw new LearnException($"no rows would be left in '{name}'");
        }
    }

    /// <summary>Adds rows of an image: as many patches as the bank's images have on average, chosen at random.</summary>
    private void AddRows(RowSpill spill, int image, PyramidCache pyramids, FeaturePyramid pyramid, BankDescription old, GoodImage shown)
    {
        foreach (var (name, b) in bank.BranchNames.Select((name, b) => (name, b)))
        {
            var features = pyramid.Branch(b);
            var patches = new int[features.Count];
            var count = shown.Patches(pyramids, features.Width, features.Height, patches);
            var quota = Math.Clamp((int)Math.Round((double)bank.Size(name).Rows / old.Images), 1, count);
            foreach (var patch in RandomSubset.Of(count, quota, new Random(unchecked((((old.Options.Seed * 1009) + b) * 1009) + image))))
                spill.AddPatch(b, image, patches[patch], features, shown.Path);
        }
    }

    private Image Read(string path, BankDescription old)
    {
        try
        {
            var image = ImageCodec.Read(path, Limits ?? old.Learned.Limits);
            if (old.Options.MixedSizes || (image.Width == old.ImageWidth && image.Height == old.ImageHeight))
                return image;
            using (image)
                throw new LearnException($"{path}: the bank '{old.Id}' learned images of {old.ImageWidth}x{old.ImageHeight}, got {image}");
        }
        catch (ImageFormatException e)
        {
            throw new LearnException(e.Message);
        }
    }

    private List<Projection> Projections() => [.. bank.BranchNames.Select(name => bank.CreateExactSearch(name).Projection)];

    private LearnResult Write(RowSpill spill, BankDescription old, Calibrator calibrator, List<string> names, string path)
    {
        spill.Seal(old.Options.Seed, Projections());
        var description = old with
        {
            Version = old.Version + 1,
            Created = clock.GetUtcNow(),
            Images = names.Count,
            TrainingSha256 = TrainingDigest.Of([old.TrainingSha256 ?? "", .. names]),
            Calibration = old.Calibration.Rule == ThresholdRule.Given
                ? old.Calibration
                : calibrator.Finish(old.Calibration.FalseAlarmsWanted, old.Calibration.Rule),
        };
        BankFile.Write(path, description, spill.ToBranches(description.BranchNames, bank.Whitenings), names);
        return new LearnResult(description, new FileInfo(path).Length, []);
    }
}
