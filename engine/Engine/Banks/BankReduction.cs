using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>Chooses, from a pool of rows, those that a bank keeps, and measures by how much that lengthens distances.</summary>
internal sealed class BankReduction(MrfAdOptions options, int threads)
{
    // The number of images, and of patches of each, whose distances are measured with the rows of the pool and with those kept.
    private const int ProbeImages = 10;
    private const int ProbePatches = 96;

    /// <summary>Chooses rows of each branch of <paramref name="pool"/>, stores them in <paramref name="reduced"/> and seals it.</summary>
    public ReductionCost Reduce(RowSpill pool, RowSpill reduced, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var buffer = Array.Empty<float>();
        for (var b = 0; b < pool.Count; b++)
        {
            var rows = pool.Search(b).Rows;
            var keep = Math.Min(rows.Count, options.RowsPerBank ?? rows.Count);
            var chosen = keep == rows.Count ? Enumerable.Range(0, keep).ToArray() : Choose(rows, keep, b, pool.Count, progress, cancellation);
            if (buffer.Length < rows.Dimension)
                buffer = new float[rows.Dimension];
            foreach (var row in chosen)
                reduced.Add(b, pool.Sources(b)[2 * row], pool.Sources(b)[(2 * row) + 1], rows.Get(row, buffer));
        }

        reduced.Seal(options.Seed, [.. Enumerable.Range(0, pool.Count).Select(b => pool.Search(b).Projection)]);
        return Cost(pool, reduced);
    }

    private int[] Choose(BankRows rows, int keep, int branch, int branches, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        if (options.Reduction == RowReduction.Random)
            return [.. RandomSubset.Of(rows.Count, keep, new Random(options.Seed + branch)).Select(row => (int)row)];
        return Coreset.Choose(
            rows, keep, options.Seed + branch, done => progress?.Report(new LearnProgress("choosing rows", (branch * keep) + done, branches * keep)), cancellation);
    }

    /// <summary>Measures the loss on probes: patches of the pool, each compared with the rows of all images but its own.</summary>
    private ReductionCost Cost(RowSpill pool, RowSpill reduced)
    {
        var (errors, sum) = (new List<double>(), 0.0);
        var (before, after) = (0L, 0L);
        using var scratch = new SearchScratch(threads);
        for (var b = 0; b < pool.Count; b++)
        {
            var (all, kept) = (pool.Search(b), reduced.Search(b));
            (before, after) = (before + all.Count, after + kept.Count);
            var images = pool.Sources(b)[^2] + 1;
            for (var i = 0; i < Math.Min(ProbeImages, images); i++)
            {
                var image = (int)((long)i * images / Math.Min(ProbeImages, images));
                var (own, ownKept) = (pool.RowsOf(b, image, image + 1), reduced.RowsOf(b, image, image + 1));
                if (own.Count == 0 || own.Count == all.Count || ownKept.Count == kept.Count)
                    continue;
                var queries = Probes(all.Rows, own);
                var (full, less) = (Distances(all, queries, own, scratch), Distances(kept, queries, ownKept, scratch));
                sum += full.Sum(distance => (double)distance);
                errors.AddRange(full.Zip(less, (nearest, left) => (double)left - nearest));
            }
        }

        if (sum == 0)
            return new ReductionCost(before, after, 0, 0);
        errors.Sort();
        return new ReductionCost(before, after, errors.Sum() / sum, errors[(int)(0.99 * (errors.Count - 1))] / (sum / errors.Count));
    }

    private static float[] Probes(BankRows rows, RowRange own)
    {
        var count = Math.Min(ProbePatches, own.Count);
        var buffer = new float[rows.Dimension];
        return [.. Enumerable.Range(0, count).SelectMany(i => rows.Get(own.Start + (int)((long)i * own.Count / count), buffer).ToArray())];
    }

    private static float[] Distances(ExactSearch search, float[] queries, RowRange exclude, SearchScratch scratch)
    {
        var distances = new float[queries.Length / search.Dimension];
        var nearest = new int[distances.Length];
        Array.Fill(nearest, -1);
        search.Search(queries, FeatureLayout.PatchesFirst, distances, nearest, scratch, exclude);
        return distances;
    }
}
