namespace MrfAd.Engine.Search;

/// <summary>
/// The paper's approximate search (appendix D; FAISS's IndexIVFFlat): rows are divided among clusters by k-means, and a query is compared
/// with the rows of its nearest clusters alone. Slower here than <see cref="ExactSearch"/> and not exact: it exists for comparison with the paper.
/// </summary>
public sealed unsafe class IvfFlatSearch : IRowSearch, IDisposable
{
    // The paper's n_list and n_probe; recall against exact search is printed by the benchmark "search".
    public const int PaperLists = 512;
    public const int PaperProbes = 32;

    private const int Turns = 10;

    // The number of sampled rows per cluster on which k-means runs.
    private const int TrainingRows = 64;

    private readonly BankRows _rows;
    private readonly NativeFloats _centres;
    private readonly ExactSearch _nearestCentre;
    private readonly int[] _order;  // the rows, cluster by cluster
    private readonly int[] _starts; // where each cluster begins in _order, [lists + 1]
    private readonly int _probes;

    /// <param name="exact">The exact search over the same rows, whose projection is shared; it must stay valid as long as this object is used.</param>
    /// <param name="lists">The number of clusters; reduced where there are fewer rows.</param>
    /// <param name="probes">The number of clusters with which a query is compared.</param>
    public IvfFlatSearch(ExactSearch exact, int lists = PaperLists, int probes = PaperProbes, int seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lists);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(probes);
        _rows = exact.Rows;
        lists = Math.Min(lists, _rows.Count);
        _probes = Math.Min(probes, lists);
        _centres = new NativeFloats((long)lists * Dimension);
        _nearestCentre = Cluster(exact.Projection, lists, new Random(seed));
        (_order, _starts) = Divide(Assign(Enumerable.Range(0, _rows.Count).ToArray(), _nearestCentre), lists);
    }

    public int Dimension => _rows.Dimension;

    /// <inheritdoc/>
    /// <remarks>Guesses are ignored. Where every row of the probed clusters is excluded, all rows are compared.</remarks>
    public void Search(ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default)
    {
        var q = distances.Length;
        if (queries.Length != (long)q * Dimension || indices.Length != q)
            throw new ArgumentException($"want {q}x{Dimension} queries and {q} indices, got {queries.Length} values and {indices.Length} indices");
        if (exclude.Count >= _rows.Count)
            throw new ArgumentException($"all {_rows.Count} rows are excluded: there is nothing to compare with");
        fixed (float* values = queries, distance = distances)
        fixed (int* index = indices)
        {
            var (source, found, rows) = ((nint)values, (nint)distance, (nint)index);
            Parallel.For(0, q, scratch.Options, () => new QueryBuffers(Dimension, _starts.Length - 1), (i, _, buffers) =>
            {
                for (var k = 0; k < Dimension; k++)
                    buffers.Query[k] = ((float*)source)[layout == FeatureLayout.ChannelsFirst ? ((long)k * q) + i : ((long)i * Dimension) + k];
                var (row, squared) = Nearest(buffers, exclude);
                ((int*)rows)[i] = row;
                ((float*)found)[i] = MathF.Sqrt(squared);
                return buffers;
            }, _ => { });
        }
    }

    public void Dispose()
    {
        _nearestCentre.Dispose();
        _centres.Dispose();
    }

    private (int Row, float Squared) Nearest(QueryBuffers buffers, RowRange exclude)
    {
        for (var list = 0; list < buffers.Lists.Length; list++)
            (buffers.Lists[list], buffers.Distances[list]) = (list, _nearestCentre.Rows.SquaredDistance(buffers.Query, list, float.PositiveInfinity));
        Array.Sort(buffers.Distances, buffers.Lists);
        var (best, squared) = (-1, float.PositiveInfinity);
        for (var probe = 0; probe < buffers.Lists.Length && (probe < _probes || best < 0); probe++)
        {
            var list = buffers.Lists[probe];
            for (var at = _starts[list]; at < _starts[list + 1]; at++)
            {
                var row = _order[at];
                if (exclude.Contains(row))
                    continue;
                var d = _rows.SquaredDistance(buffers.Query, row, squared);
                if (!(d >= squared)) // true also for a distance that is not finite
                    (best, squared) = (row, d);
            }
        }

        return (best, squared);
    }

    /// <summary>Runs Lloyd's k-means on a sample of the rows.</summary>
    private ExactSearch Cluster(Projection projection, int lists, Random random)
    {
        var d = Dimension;
        var buffer = new float[d];
        int[] sample = [.. RandomSubset.Of(_rows.Count, (int)Math.Min(_rows.Count, (long)lists * TrainingRows), random).Select(row => (int)row)];
        random.Shuffle(sample);
        var centres = new BankRows(_centres.Start, null, RowPrecision.Fp32, lists, d);
        for (var list = 0; list < lists; list++)
            Copy(sample[list], list);
        for (var turn = 0; turn < Turns; turn++)
        {
            using var nearest = ExactSearch.Over(centres, Shared(projection));
            var assigned = Assign(sample, nearest);
            var sums = new double[lists][];
            var counts = new int[lists];
            for (var i = 0; i < sample.Length; i++)
            {
                var sum = sums[assigned[i]] ??= new double[d];
                counts[assigned[i]]++;
                var row = _rows.Get(sample[i], buffer);
                for (var k = 0; k < d; k++)
                    sum[k] += row[k];
            }

            for (var list = 0; list < lists; list++)
            {
                if (counts[list] == 0)
                {
                    Copy(sample[random.Next(sample.Length)], list); // an empty cluster restarts at a random row
                    continue;
                }

                var centre = _centres.Slice((long)list * d, d);
                for (var k = 0; k < d; k++)
                    centre[k] = (float)(sums[list][k] / counts[list]);
            }
        }

        return ExactSearch.Over(centres, Shared(projection));

        void Copy(int row, int list) => _rows.Get(row, buffer).CopyTo(_centres.Slice((long)list * d, d));
    }

    /// <returns>The cluster of each of <paramref name="rows"/>.</returns>
    private int[] Assign(int[] rows, ExactSearch nearest)
    {
        const int Batch = 4096;
        var lists = new int[rows.Length];
        var queries = new float[Math.Min(Batch, rows.Length) * Dimension];
        var distances = new float[Math.Min(Batch, rows.Length)];
        var buffer = new float[Dimension];
        using var scratch = new SearchScratch(Environment.ProcessorCount);
        for (var start = 0; start < rows.Length; start += Batch)
        {
            var count = Math.Min(Batch, rows.Length - start);
            for (var i = 0; i < count; i++)
                _rows.Get(rows[start + i], buffer).CopyTo(queries.AsSpan(i * Dimension, Dimension));
            var found = lists.AsSpan(start, count);
            found.Fill(-1);
            nearest.Search(queries.AsSpan(0, count * Dimension), FeatureLayout.PatchesFirst, distances.AsSpan(0, count), found, scratch);
        }

        return lists;
    }

    private static (int[] Order, int[] Starts) Divide(int[] lists, int count)
    {
        var starts = new int[count + 1];
        foreach (var list in lists)
            starts[list + 1]++;
        for (var list = 0; list < count; list++)
            starts[list + 1] += starts[list];
        var next = starts[..count];
        var order = new int[lists.Length];
        for (var row = 0; row < lists.Length; row++)
            order[next[lists[row]]++] = row;
        return (order, starts);
    }

    /// <summary>Returns a view of a projection, which its owner keeps valid.</summary>
    private static Projection Shared(Projection p) => Projection.View(p.Mean, p.Axes, p.Components, p.Dimension);

    private sealed class QueryBuffers(int dimension, int lists)
    {
        public float[] Query { get; } = new float[dimension];

        public int[] Lists { get; } = new int[lists];

        public float[] Distances { get; } = new float[lists];
    }
}
