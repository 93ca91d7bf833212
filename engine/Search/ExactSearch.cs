using System.Runtime.Intrinsics;

namespace MrfAd.Engine.Search;

/// <summary>
/// The exact nearest row of a bank for each query (eq. 5) in fp32. ‖q−b‖² = ‖q‖² − 2(q·b − ‖b‖²/2), so the nearest row has the
/// greatest q·b − ‖b‖²/2 (<see cref="PanelKernel"/>). The distance returned is computed once more from q − b, because the expanded
/// form loses the small ones to cancellation. Rows are read as they lie, straight from a memory-mapped file.
/// </summary>
public sealed unsafe class ExactSearch
{
    // One block of rows stays in the second-level cache, beside a panel of queries, while all panels pass by.
    private const int BlockBytes = 384 * 1024;

    private readonly float* _rows;
    private readonly float[] _halfNorms;
    private readonly int _blockRows;

    /// <param name="rows">[N, D] row-major fp32; stays valid and unchanged as long as this object is used.</param>
    /// <param name="count">N ≥ 1.</param>
    /// <param name="dimension">D ≥ 1.</param>
    public ExactSearch(float* rows, int count, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        _rows = rows;
        Count = count;
        Dimension = dimension;
        _blockRows = Math.Max(8, BlockBytes / (dimension * sizeof(float)) / 8 * 8);
        _halfNorms = new float[count];
        Parallel.For(0, (count + _blockRows - 1) / _blockRows, block =>
        {
            var end = Math.Min(count, (block + 1) * _blockRows);
            for (var row = block * _blockRows; row < end; row++)
                _halfNorms[row] = 0.5f * Dot(rows + (long)row * dimension, rows + (long)row * dimension, dimension);
        });
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>
    /// Fills <paramref name="distances"/> with the L2 distance from each query to its nearest row, and <paramref name="indices"/> with
    /// that row. Rows are compared in fp32: of those whose squared distances differ by less than the rounding of ‖q‖², any may be named.
    /// Nothing is allocated per query.
    /// </summary>
    /// <param name="queries">[Q, D] or [D, Q] as <paramref name="layout"/> says, finite.</param>
    /// <param name="distances">[Q], ≥ 0.</param>
    /// <param name="indices">[Q], 0 ≤ index &lt; N.</param>
    /// <param name="scratch">Reused between calls by one caller; its workers do the search.</param>
    /// <param name="exclude">Rows that must not be the answer (those made of the query's own image).</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or every row is excluded.</exception>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default)
    {
        var q = distances.Length;
        if (queries.Length != (long)q * Dimension || indices.Length != q)
            throw new ArgumentException($"want {q}x{Dimension} queries and {q} indices, got {queries.Length} values and {indices.Length} indices");
        if (exclude.Count >= Count)
            throw new ArgumentException($"all {Count} rows are excluded: there is nothing to compare with");
        fixed (float* query = queries, distance = distances)
        fixed (int* index = indices)
            scratch.Run(new Job(this, query, layout, q, distance, index, exclude));
    }

    private static float Dot(float* a, float* b, int n)
    {
        var sum = Vector256<float>.Zero;
        var i = 0;
        for (; i <= n - 8; i += 8)
            sum = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), sum);
        var total = Vector256.Sum(sum);
        for (; i < n; i++)
            total += a[i] * b[i];
        return total;
    }

    private static float Distance(float* a, float* b, int n)
    {
        var sum = Vector256<float>.Zero;
        var i = 0;
        for (; i <= n - 8; i += 8)
        {
            var d = Vector256.Load(a + i) - Vector256.Load(b + i);
            sum = Vector256.MultiplyAddEstimate(d, d, sum);
        }

        var total = Vector256.Sum(sum);
        for (; i < n; i++)
            total += (a[i] - b[i]) * (a[i] - b[i]);
        return MathF.Sqrt(total);
    }

    /// <summary>One call of <see cref="Search"/>, divided among workers by panels of queries.</summary>
    internal readonly struct Job(
        ExactSearch search, float* queries, FeatureLayout layout, int count, float* distances, int* indices, RowRange exclude)
    {
        public int Panels => (count + PanelKernel.PanelQueries - 1) / PanelKernel.PanelQueries;

        public int Dimension => search.Dimension;

        /// <summary>Searches for the panels from <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
        /// <param name="panels">Room for these panels packed, [end − first, D, PanelQueries].</param>
        /// <param name="best">[end − first, PanelQueries].</param>
        /// <param name="row">[end − first, PanelQueries].</param>
        /// <param name="query">Room for one query, [D].</param>
        public void Run(int first, int end, float* panels, float* best, float* row, float* query)
        {
            var width = PanelKernel.PanelQueries;
            for (var panel = first; panel < end; panel++)
                Pack(panel * width, panels + (long)(panel - first) * width * Dimension);
            new Span<float>(best, (end - first) * width).Fill(float.NegativeInfinity);
            new Span<float>(row, (end - first) * width).Clear();

            for (var start = 0; start < search.Count; start += search._blockRows)
            {
                var stop = Math.Min(search.Count, start + search._blockRows);
                for (var panel = 0; panel < end - first; panel++)
                {
                    var at = panel * width;
                    Rows(start, Math.Min(stop, exclude.Count > 0 ? exclude.Start : stop), panels + (long)at * Dimension, best + at, row + at);
                    if (exclude.Count > 0)
                        Rows(Math.Max(start, exclude.End), stop, panels + (long)at * Dimension, best + at, row + at);
                }
            }

            for (var panel = first; panel < end; panel++)
                Finish(panel * width, panels + (long)(panel - first) * width * Dimension, row + (panel - first) * width, query);
        }

        private void Rows(int start, int end, float* panel, float* best, float* row)
        {
            if (start >= end)
                return;
            fixed (float* halfNorms = search._halfNorms)
                PanelKernel.Run(panel, search._rows + (long)start * Dimension, end - start, start, halfNorms + start, Dimension, best, row);
        }

        /// <summary>Queries from <paramref name="at"/> on into [D, PanelQueries]; missing ones are zero.</summary>
        private void Pack(int at, float* panel)
        {
            var width = PanelKernel.PanelQueries;
            var filled = Math.Min(width, count - at);
            for (var k = 0; k < Dimension; k++, panel += width)
            {
                if (layout == FeatureLayout.ChannelsFirst)
                {
                    new Span<float>(queries + (long)k * count + at, filled).CopyTo(new Span<float>(panel, filled));
                }
                else
                {
                    for (var i = 0; i < filled; i++)
                        panel[i] = queries[(long)(at + i) * Dimension + k];
                }

                new Span<float>(panel + filled, width - filled).Clear();
            }
        }

        /// <summary>The distances to the winners.</summary>
        /// <param name="query">Room for one query, [D].</param>
        private void Finish(int at, float* panel, float* row, float* query)
        {
            var width = PanelKernel.PanelQueries;
            for (var i = 0; i < Math.Min(width, count - at); i++)
            {
                for (var k = 0; k < Dimension; k++)
                    query[k] = panel[(long)k * width + i];
                indices[at + i] = BitConverter.SingleToInt32Bits(row[i]);
                distances[at + i] = Distance(query, search._rows + (long)indices[at + i] * Dimension, Dimension);
            }
        }
    }
}
