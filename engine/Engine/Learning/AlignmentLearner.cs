using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Learning;

/// <summary>Chooses the good image that all others are aligned to, and learns how well good parts fit it.</summary>
public static class AlignmentLearner
{
    // The number of good images that are tried as the reference, and the number of images that each is tried on. Both are spread evenly over the set.
    private const int MaxCandidates = 8, MaxTrials = 24;

    // Images are compared with longer sides of at most this: alignment works on smaller ones, and all of them are in memory.
    private const int TrialSide = 2 * AlignmentReference.Side;

    // The limit lies below the worst good image by the range of the good ones, at least by this much: a defect must not make a part unfit for inspection.
    private const double QualityMargin = 0.25;

    // With a lower limit, an empty belt could fit as well as a good part does.
    internal const double MinUsableQuality = 0.3;

    /// <param name="images">Paths of good images; those that cannot be read are passed over here.</param>
    /// <param name="name">Returns the name that an image gets in the bank.</param>
    /// <returns>The reference whose part is most similar to those of the others and lies, on average, nearest to them; without a limit of quality yet.</returns>
    /// <exception cref="LearnException">None of the images can be read.</exception>
    public static AlignmentReference Choose(IReadOnlyList<string> images, Func<string, string> name, AlignmentOptions options, ImageLimits limits, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var trials = Spread(images, MaxTrials).Select(path => (Path: path, Image: ReadSmall(path, limits))).Where(t => t.Image is not null).ToList();
        try
        {
            var candidates = Spread(trials, MaxCandidates);
            (string? Path, double Fit) best = (null, double.NegativeInfinity);
            foreach (var ((path, image), i) in candidates.Select((candidate, i) => (candidate, i)))
            {
                cancellation.ThrowIfCancellationRequested();
                var reference = ImageAligner.ReferenceOf(image!, path, options);
                using var aligner = new ImageAligner(reference);
                // A part that lies in the middle is fully visible in the most frames.
                var fit = trials.Where(t => t.Path != path && (t.Image!.Width, t.Image.Height) == (reference.Width, reference.Height))
                    .Select(t => aligner.Align(t.Image!)).Select(a => a.Quality * a.Visible).DefaultIfEmpty(-1).Average();
                if (fit > best.Fit)
                    best = (path, fit);
                progress?.Report(new LearnProgress("choosing the reference", i + 1, candidates.Count));
            }

            if (best.Path is null)
                throw new LearnException($"none of the {images.Count} images can be the reference: they cannot be read");
            using var chosen = ImageCodec.Read(best.Path, limits);
            return ImageAligner.ReferenceOf(chosen, name(best.Path), options);
        }
        finally
        {
            foreach (var (_, image) in trials)
                image!.Dispose();
        }
    }

    /// <param name="wanted">The name of the good image that regions are drawn over; null where they name none.</param>
    /// <returns>The reference made of that image, without a limit of quality yet.</returns>
    /// <exception cref="LearnException">There is no such image, or it cannot be read.</exception>
    /// <inheritdoc cref="Choose"/>
    public static AlignmentReference Named(IReadOnlyList<string> images, Func<string, string> name, string? wanted, AlignmentOptions options, ImageLimits limits)
    {
        if (wanted is null)
            throw new LearnException("regions of aligned parts lie on the reference: want the name of the good image that they are drawn over ('image' in their file), got none");
        var path = images.FirstOrDefault(path => name(path) == wanted) ?? throw new LearnException($"the regions are drawn over '{wanted}', which is none of the {images.Count} good images");
        try
        {
            using var image = ImageCodec.Read(path, limits);
            return ImageAligner.ReferenceOf(image, wanted, options);
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            throw new LearnException($"the regions are drawn over '{wanted}', which cannot be read: {e.Message}");
        }
    }

    /// <param name="aligned">The good images' paths, each with the place of its part.</param>
    /// <returns>The reference with the limit of quality.</returns>
    /// <exception cref="LearnException">A good image cannot be aligned.</exception>
    public static AlignmentReference WithLimit(AlignmentReference reference, IReadOnlyList<(string Path, AlignmentResult Place)> aligned)
    {
        var worst = aligned.MinBy(a => a.Place.Quality);
        if (worst.Place.Quality < MinUsableQuality)
        {
            throw new LearnException(FormattableString.Invariant(
                $"{worst.Path} cannot be aligned to {reference.Image}: their correlation is {worst.Place.Quality:0.00}, want at least {MinUsableQuality}; leave it out, or learn without alignment"));
        }

        var range = aligned.Max(a => a.Place.Quality) - worst.Place.Quality;
        return reference with { MinQuality = Math.Max(MinUsableQuality, worst.Place.Quality - Math.Max(QualityMargin, range)) };
    }

    private static List<T> Spread<T>(IReadOnlyList<T> items, int max) =>
        items.Count <= max ? [.. items] : [.. Enumerable.Range(0, max).Select(i => items[(int)((long)i * items.Count / max)])];

    private static Image? ReadSmall(string path, ImageLimits limits)
    {
        try
        {
            using var image = ImageCodec.Read(path, limits);
            var factor = Math.Min(1, (double)TrialSide / Math.Max(image.Width, image.Height));
            return ImageResize.Resize(image, Math.Max(1, (int)Math.Round(factor * image.Width)), Math.Max(1, (int)Math.Round(factor * image.Height)));
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            return null; // the survey of all images reports it
        }
    }
}
