namespace MrfAd.Engine.Search;

/// <summary>Chooses the number of principal axes with which searches are cheapest, measured on a sample of the rows.</summary>
internal static class ComponentCount
{
    // The number of sampled queries; each is compared with the sampled rows of other images.
    private const int Probes = 96;

    // A row that cannot be ruled out costs as much as this many multiply-adds of the kernel and 8 for each value: half of that was measured on good
    // patches, and it is doubled because defects, which are unknown here, leave many more rows.
    private const int CandidateCost = 12_000;

    // The counts of axes to choose from: with their two further values, rows fill whole cache lines.
    private static readonly int[] Choices = [0, 14, 30, 46, 62, 94, 126, 190, Projection.MaxComponents];

    /// <summary>Returns the greatest of the possible counts that is at most <paramref name="limit"/>.</summary>
    public static int Max(int limit) => Choices.Last(c => c <= limit);

    /// <summary>Returns the cost of a row that cannot be ruled out, in multiply-adds of the kernel.</summary>
    public static int CostOfCandidate(int dimension) => CandidateCost + (8 * dimension);

    /// <summary>Returns the count for which the work of the kernel and that on the rows it cannot rule out are together smallest.</summary>
    /// <param name="x">The sampled rows minus the mean, [count, D].</param>
    /// <param name="axes">The principal axes, [p, D].</param>
    /// <param name="groups">The group of each row, [count]; rows of one group are never compared with each other.</param>
    public static int Cheapest(NativeFloats x, int count, int d, float[] axes, int[] groups)
    {
        var maxAxes = axes.Length / d;
        var coordinates = new float[count][];
        var norms = new float[count];
        Parallel.For(0, count, i =>
        {
            coordinates[i] = [.. Enumerable.Range(0, maxAxes).Select(a => PanelKernel.Dot(x.Slice((long)i * d, d), axes.AsSpan(a * d, d)))];
            norms[i] = PanelKernel.Dot(x.Slice((long)i * d, d), x.Slice((long)i * d, d));
        });
        var choices = Choices.Where(c => c <= maxAxes).ToArray();
        var candidates = new long[choices.Length];
        var pairs = 0L;
        Parallel.For(0, Math.Min(Probes, count), probe =>
        {
            var query = (int)((long)probe * count / Math.Min(Probes, count));
            var others = Enumerable.Range(0, count).Where(i => groups[i] != groups[query]).ToArray();
            if (others.Length == 0)
                return;
            var nearest = others.Min(i => norms[query] + norms[i] - (2 * PanelKernel.Dot(x.Slice((long)query * d, d), x.Slice((long)i * d, d))));
            Interlocked.Add(ref pairs, others.Length);
            foreach (var i in others)
                CountBelow(nearest, (coordinates[query], norms[query]), (coordinates[i], norms[i]), choices, candidates);
        });
        if (pairs == 0)
            return choices[^1];

        // At worst every row is compared in full, as it is with no axes at all.
        double Cost(int c) => Math.Min(choices[c] + 1 + ((double)candidates[c] / pairs * CostOfCandidate(d)), choices[c] + 1 + d);
        return choices[Enumerable.Range(0, choices.Length).MinBy(Cost)];
    }

    /// <summary>Adds one to candidates[c] for each choice c of axes with which the bound on the squared distance stays below <paramref name="nearest"/>.</summary>
    private static void CountBelow(
        float nearest, (float[] Coordinates, float SquaredNorm) query, (float[] Coordinates, float SquaredNorm) row, int[] choices, long[] candidates)
    {
        var (squared, queryLeft, left, from) = (0f, query.SquaredNorm, row.SquaredNorm, 0);
        for (var c = 0; c < choices.Length; c++)
        {
            for (; from < choices[c]; from++)
            {
                var (u, v) = (query.Coordinates[from], row.Coordinates[from]);
                squared += (u - v) * (u - v);
                (queryLeft, left) = (queryLeft - (u * u), left - (v * v));
            }

            var residual = MathF.Sqrt(Math.Max(0, queryLeft)) - MathF.Sqrt(Math.Max(0, left));
            if (squared + (residual * residual) < nearest)
                Interlocked.Increment(ref candidates[c]);
        }
    }
}
