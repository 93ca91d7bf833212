using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Learning;

/// <summary>Learns the whitening of each branch from the rows that were chosen, and whitens those.</summary>
internal static class RowWhitening
{
    // The number of rows that are whitened at a time.
    private const int Block = 1024;

    /// <param name="pool">The rows before; none are added any more.</param>
    /// <param name="whitened">The rows afterwards; those of branches without whitening are copied.</param>
    /// <returns>The whitening of each branch; null for one without.</returns>
    /// <exception cref="LearnException">All rows of a branch are equal.</exception>
    public static IReadOnlyList<PartialWhitening?> Learn(RowSpill pool, RowSpill whitened, MrfAdOptions options, CancellationToken cancellation)
    {
        var whitenings = new PartialWhitening?[pool.Count];
        for (var b = 0; b < pool.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            var shape = options.Shapes[b % options.Shapes.Count];
            whitenings[b] = shape.IsLocal ? null : PartialWhitening.Learn(pool.Rows(b), shape, RowExtraction.SeedOf(options, b))
                ?? throw new LearnException($"the features of branch {b} are the same in all good images: there is nothing to whiten");
            for (var first = 0; first < pool.Rows(b).Count; first += Block)
                Copy(pool, whitened, b, first, whitenings[b], shape);
        }

        return whitenings;
    }

    private static void Copy(RowSpill pool, RowSpill whitened, int b, int first, PartialWhitening? whitening, FeatureShape shape)
    {
        var rows = pool.Rows(b);
        var count = Math.Min(Block, rows.Count - first);
        var shaping = new FeatureShaping(FeatureShape.Plain, whitening);
        var before = new PatchFeatures(count, 1, rows.Dimension, FeatureLayout.PatchesFirst, rows.Get(first, count, [])); // a pool is in fp32
        shaping.Shape(before);
        var after = shaping.Shaped(before);
        for (var i = 0; i < count; i++)
            whitened.AddPatch(b, pool.Sources(b)[2 * (first + i)], i, after, $"the shape '{shape.Name}'", pool.Sources(b)[(2 * (first + i)) + 1]);
    }
}
