using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>Computes all results of one object from the maps of its images.</summary>
/// <param name="threshold">Score threshold given by the user, used if good images give none.</param>
public sealed class ObjectJudge(
    DatasetObject set, IMapStore store, Learned learned, double? threshold, IProgress<LearnProgress>? progress, CancellationToken cancellation)
{
    /// <param name="problems">Problems known so far; a text is added for each file that cannot be judged.</param>
    public ObjectResult Judge(List<string> problems)
    {
        var doubts = new List<string>();
        var images = LabelledImages.Read(set, store, learned.Maps, problems, doubts, progress, cancellation);
        var heldOut = HeldOut();
        var variants = Variant.Of(learned.Maps);
        var results = new List<VariantResult>();
        IReadOnlyList<VariantScores> fused = [];
        foreach (var variant in variants)
        {
            cancellation.ThrowIfCancellationRequested();
            var judge = new VariantJudge(set, store, variant, [.. variant.Maps.Select(i => learned.Maps[i])], images, cancellation);
            var isFused = variant.Name == Variant.Fused;
            results.Add(judge.Judge(heldOut, isFused ? learned.Calibration?.MeanPlus3Std ?? threshold : null));
            if (isFused)
            {
                fused = judge.Scores;
                problems.AddRange(judge.Unknown);
            }

            progress?.Report(new LearnProgress($"{set.Name}: figures", results.Count, variants.Count));
        }

        return new ObjectResult(
            set.Name,
            learned.Calibration is null ? 0 : set.Train.Count - learned.Skipped.Count,
            heldOut.Count,
            images.Count(i => !i.Defective),
            images.Count(i => i.Defective),
            images.Count(i => i.Defective && i.Regions is not null),
            Resolution(images),
            learned.Calibration?.Threshold ?? threshold,
            learned.Calibration?.HeatmapScale ?? Scale(fused),
            images.Exists(i => i.Ms > 0) ? images.Select(i => i.Ms).Order().ElementAt(images.Count / 2) : null,
            learned.Maps,
            results,
            Images(images, fused),
            doubts.Count == 0 ? [] : [new RunParameter(ObjectResult.Doubts, $"{doubts.Count} of {images.Count(i => i.Regions is { DefectPixels: > 0 })} may not say what they should; the first: {doubts[0]}")],
            problems);
    }

    /// <summary>Returns the held-out images that have a map.</summary>
    private List<DatasetImage> HeldOut() => [.. set.HeldOut.Where(image =>
    {
        try
        {
            return store.Read(image, learned.Maps).Width > 0;
        }
        catch (DatasetException)
        {
            return false; // another program need not have maps of held-out images, and an unreadable image of this run was reported when it was scored
        }
    })];

    private List<ImageResult> Images(List<LabelledImage> images, IReadOnlyList<VariantScores> scores)
    {
        using var maps = new VariantMaps(store, learned.Maps, [.. images.Select(i => (i.Image, i.Regions ?? MaskRegions.None(i.Width, i.Height)))]);
        var results = new List<ImageResult>();
        for (var i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (image, score) = (images[i], scores[i]);
            var others = images.Zip(scores).Where(o => o.First.Defective != image.Defective)
                .Select(o => image.Defective ? score.Max.CompareTo(o.Second.Max) : o.Second.Max.CompareTo(score.Max)).ToList();
            results.Add(new ImageResult(
                image.Image.Name, image.Image.Kind, image.Defective, image.Width, image.Height, score.Max, score.Top,
                others.Count == 0 ? 1 : others.Average(sign => sign > 0 ? 1 : sign == 0 ? 0.5 : 0),
                image.Regions is { DefectPixels: > 0, OkPixels: > 0 } ? PixelCurve.Of(new OneOf(maps, i), image.Image.Name, cancellation: cancellation).AuPro(0.3) : null,
                image.Ms));
        }

        return results;
    }

    private static string Resolution(List<LabelledImage> images)
    {
        var sizes = images.Select(i => (i.Width, i.Height)).Distinct().Order().Select(s => $"{s.Width}x{s.Height}").ToList();
        return sizes.Count switch
        {
            0 => "none",
            1 => sizes[0],
            _ => $"{sizes[0]} to {sizes[^1]} ({sizes.Count} sizes)",
        };
    }

    /// <summary>Returns the scale of heatmaps if good parts give none: from the lowest score to the highest of all images.</summary>
    private static HeatmapScale Scale(IReadOnlyList<VariantScores> scores) =>
        scores.Count == 0 ? new(0, 1) : new(scores.Min(s => s.Min), Math.Max(scores.Max(s => s.Max), MathF.BitIncrement(scores.Min(s => s.Min))));

    private sealed class OneOf(IPixelMaps all, int index) : IPixelMaps
    {
        public int Count => 1;

        public MaskRegions Regions(int image) => all.Regions(index);

        public ReadOnlySpan<float> Read(int image) => all.Read(index);
    }
}
