using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Learning;

/// <summary>Chooses and collects the rows of each branch from the features of good images.</summary>
internal static class RowExtraction
{
    /// <summary>Returns the first image of a shard.</summary>
    public static int FirstOf(LearnRequest request, int shard) => (int)((long)shard * request.Images.Count / request.Shard.Count);

    /// <summary>
    /// Returns the seed of a branch's random choices. Of several shapes each has one of its own, whatever the others are: their rows are of different patches, which together show more of the part,
    /// and a bank of some of them has the same rows.
    /// </summary>
    public static int SeedOf(MrfAdOptions options, int branch)
    {
        var (pair, shape) = Math.DivRem(branch, options.Shapes.Count);
        var own = options.Shapes.Count == 1 || options.Shapes[shape] == FeatureShape.Plain ? 0 : options.Shapes[shape].Name.Aggregate(0, (hash, letter) => unchecked((hash * 31) + letter));
        return unchecked(options.Seed + pair + own);
    }

    /// <summary>
    /// Plans the rows of each branch. The number of patches of each image follows from the strides, which one image shows, and from its mask; the images of other shards are taken to be as
    /// large as those of this one, so that all shards choose the same rows.
    /// </summary>
    public static RowSample[] Plan(
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

        return [.. patches.Select((counts, b) => new RowSample(counts, maxRows, SeedOf(request.Options, b)))];
    }

    private static IEnumerable<GoodImage> Sizes(LearnRequest request, List<GoodImage> images) =>
        request.Shard.Count == 1 ? images : Enumerable.Repeat(images[0], request.Images.Count);

    public static void Extract(
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
}
