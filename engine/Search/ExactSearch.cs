using System.Numerics;

namespace MrfAd.Engine.Search;

/// <summary>
/// The exact nearest row of a bank for each query (eq. 5), certified. Every row is compared in the few dimensions of a
/// <see cref="Projection"/>, where no distance is longer than in all D; only rows that this bound does not rule out are compared in full.
/// ‖q−b‖² = ‖q‖² + ‖b‖² − 2q·b about the mean, so a row is ruled out where q·b − ‖b‖²/2 stays below a limit of the query's own: the
/// kernel of inner products does all but a few rows in ten thousand. Where the bound tells little (queries far from everything the
/// projection knows), the same is done with all D values. Rounding is on the safe side throughout (<see cref="Projection.Slack"/>).
/// </summary>
public sealed unsafe class ExactSearch : IRowSearch, IDisposable
{
    // One block of rows stays in the second-level cache, beside a panel of queries, while all panels pass by.
    private const int BlockBytes = 256 * 1024;

    // Distances summed in another order differ by less: a row is left out only if no rounding could make it the nearest.
    private const float Rounding = 1 + 1e-5f;

    // Rows looked at first, spread over the bank: the nearest of them rules out most of the others from the start.
    private const int Scouts = 1024;

    // One in so many rows at the most is a scout.
    private const int LeastScoutStep = 8;

    // Blocks done in full before the projection is tried again.
    private const int Patience = 8;

    private readonly BankRows _rows;
    private readonly Projection _projection;
    private readonly float* _projected;
    private readonly NativeFloats? _own;
    private readonly int _blockRows;

    /// <param name="rows">[N, D]; all three stay valid and unchanged as long as this object is used.</param>
    /// <param name="projection">Of vectors of D values.</param>
    /// <param name="projected">[N, Stride], as <see cref="Projection.ProjectRows"/> writes them.</param>
    public ExactSearch(BankRows rows, Projection projection, float* projected)
        : this(rows, projection, projected, null)
    {
    }

    private ExactSearch(BankRows rows, Projection projection, float* projected, NativeFloats? own)
    {
        (_rows, _projection, _own) = (rows, projection, own);
        _projected = projected;
        _blockRows = Math.Max(PanelKernel.TileRows, BlockBytes / (projection.Stride * sizeof(float)) / PanelKernel.TileRows * PanelKernel.TileRows);
    }

    /// <summary>A search with a projection of its own, found from the rows.</summary>
    /// <param name="rows">[N, D], finite; they stay valid and unchanged as long as this object is used.</param>
    /// <param name="images">[N]: which image each row is made of, or empty where that is unknown.</param>
    public static ExactSearch Over(BankRows rows, ReadOnlySpan<int> images = default, int seed = 1)
    {
        var projection = PrincipalAxes.Find(rows, images, seed);
        return Over(rows, projection);
    }

    /// <summary>A search that takes <paramref name="projection"/> as its own.</summary>
    public static ExactSearch Over(BankRows rows, Projection projection)
    {
        var projected = new NativeFloats((long)rows.Count * projection.Stride);
        var block = 16 * PanelKernel.PanelQueries;
        Parallel.For(0, (rows.Count + block - 1) / block, b =>
            projection.ProjectRows(rows, b * block, Math.Min(rows.Count, (b + 1) * block), projected.Start + ((long)b * block * projection.Stride)));
        return new ExactSearch(rows, projection, projected.Start, projected);
    }

    /// <summary>N.</summary>
    public int Count => _rows.Count;

    /// <summary>D.</summary>
    public int Dimension => _rows.Dimension;

    public BankRows Rows => _rows;

    public Projection Projection => _projection;

    /// <summary>[N, Stride].</summary>
    public float* Projected => _projected;

    /// <summary>
    /// Fills <paramref name="distances"/> with the L2 distance from each query to its nearest row, and <paramref name="indices"/> with
    /// that row. Nothing is allocated per query.
    /// </summary>
    /// <param name="queries">[Q, D] or [D, Q] as <paramref name="layout"/> says, finite: of others the distance is not finite either.</param>
    /// <param name="distances">[Q], ≥ 0; the same to the last bit whatever the guesses and the number of workers.</param>
    /// <param name="indices">
    /// [Q]. Before: a guess for each query, or anything below 0; a good one (the same patch's answer in the last frame) saves time.
    /// After: 0 ≤ index &lt; N; of several rows at the same distance any.
    /// </param>
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

    public void Dispose()
    {
        _own?.Dispose();
        if (_own is not null)
            _projection.Dispose();
    }

    /// <summary>One call of <see cref="Search"/>, divided among workers by panels of queries.</summary>
    internal readonly struct Job(
        ExactSearch search, float* queries, FeatureLayout layout, int count, float* distances, int* indices, RowRange exclude)
    {
        private static int Width => PanelKernel.PanelQueries;

        public int Panels => (count + Width - 1) / Width;

        /// <summary>Values a worker needs room for when it takes <paramref name="panels"/> panels at a time.</summary>
        public long Memory(int panels) =>
            ((long)panels * Width * (search.Dimension + search._projection.Components + 1 + Panel.Values)) + ((long)Width * search.Dimension)
            + (PanelKernel.TileRows * (Width + search.Dimension)) + Width;

        /// <summary>Searches for the panels from <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
        /// <param name="memory">As much as <see cref="Memory"/> says.</param>
        /// <returns>Rows compared in full.</returns>
        public long Run(int first, int end, float* memory)
        {
            var (d, k, n) = (search.Dimension, search._projection.Components + 1, end - first);
            var centred = memory;                                   // [D, Width], of one panel
            var products = centred + ((long)d * Width);             // [TileRows, Width]
            var room = products + (PanelKernel.TileRows * Width);   // [TileRows, D]
            var dense = room + (PanelKernel.TileRows * d);          // [Width]
            var at = dense + Width;
            var panels = stackalloc Panel[n];
            for (var i = 0; i < n; i++)
            {
                panels[i] = new Panel(at, d, k);
                at = panels[i].End;
                Prepare((first + i) * Width, panels + i, centred, products);
                Scout(panels + i, products, dense);
            }

            var candidates = 0L;
            var block = 0;
            for (var start = 0; start < search.Count; start += search._blockRows, block++)
            {
                var stop = Math.Min(search.Count, start + search._blockRows);
                for (var i = 0; i < n; i++)
                {
                    var panel = panels + i;
                    var full = block < panel->FullUntil;
                    if (full)
                        Centre(panel, centred);
                    var found = 0L;
                    found += Compare(panel, start, Math.Min(stop, exclude.Count > 0 ? exclude.Start : stop), full ? centred : null, products, room, dense);
                    if (exclude.Count > 0)
                        found += Compare(panel, Math.Max(start, exclude.End), stop, full ? centred : null, products, room, dense);
                    if (!full && found * PrincipalAxes.CostOfCandidate(d) > (long)(stop - start) * Width * d)
                        panel->FullUntil = block + 1 + Patience;
                    candidates += found;
                }
            }

            for (var i = 0; i < n; i++)
                Finish((first + i) * Width, panels + i, room);
            return candidates;
        }

        /// <summary>Takes in the queries from <paramref name="at"/> on; those past the end repeat the last one.</summary>
        private void Prepare(int at, Panel* panel, float* centred, float* products)
        {
            var d = search.Dimension;
            var mean = search._projection.Mean;
            for (var k = 0; k < d; k++)
            {
                for (var i = 0; i < Width; i++)
                {
                    var query = Math.Min(at + i, count - 1);
                    var value = layout == FeatureLayout.ChannelsFirst ? queries[((long)k * count) + query] : queries[((long)query * d) + k];
                    panel->Queries[((long)i * d) + k] = value;
                    centred[(k * Width) + i] = value - mean[k];
                }
            }

            search._projection.Project(centred, panel->Projected, panel->Norms, products);
            for (var i = 0; i < Width; i++)
            {
                (panel->Best[i], panel->Limits[i]) = (float.PositiveInfinity, float.NegativeInfinity);
                panel->Rows[i] = -1;
                if (at + i >= count)
                    panel->Limits[i] = float.PositiveInfinity; // not a query
                else if (indices[at + i] is var guess && guess >= 0 && guess < search.Count && !(guess >= exclude.Start && guess < exclude.End))
                    Weigh(panel, i, guess);
            }
        }

        /// <summary>Looks at one promising row for each query first: of a few rows, the nearest as projected.</summary>
        private void Scout(Panel* panel, float* products, float* best)
        {
            new ReadOnlySpan<float>(panel->Limits, Width).CopyTo(new Span<float>(best, Width));
            var (projection, tile) = (search._projection, PanelKernel.TileRows);
            var step = Math.Max(LeastScoutStep, search.Count / Scouts);
            var chosen = stackalloc int[Width];
            new Span<int>(chosen, Width).Fill(-1);
            for (var r = 0; r < search.Count; r += tile * step)
            {
                var valid = Math.Min(tile, (search.Count - r + step - 1) / step);
                var projected = search._projected + ((long)r * projection.Stride);
                PanelKernel.Multiply(panel->Projected, projected, (long)step * projection.Stride, valid, projection.Components + 1, products);
                for (var i = 0; i < valid; i++)
                {
                    var row = r + (i * step);
                    if (row >= exclude.Start && row < exclude.End)
                        continue;
                    var half = projected[((long)i * step * projection.Stride) + projection.Components + 1];
                    for (var left = PanelKernel.Above(products + (i * Width), half, best); left != 0; left &= left - 1)
                    {
                        var query = BitOperations.TrailingZeroCount(left);
                        best[query] = products[(i * Width) + query] - half;
                        chosen[query] = row;
                    }
                }
            }

            for (var i = 0; i < Width; i++)
            {
                if (chosen[i] >= 0)
                    Weigh(panel, i, chosen[i]);
            }
        }

        /// <summary>The panel's queries about the mean, [D, Width].</summary>
        private void Centre(Panel* panel, float* centred)
        {
            for (var k = 0; k < search.Dimension; k++)
            {
                for (var i = 0; i < Width; i++)
                    centred[(k * Width) + i] = panel->Queries[((long)i * search.Dimension) + k] - search._projection.Mean[k];
            }
        }

        /// <summary>Compares the panel with rows; in full where <paramref name="centred"/> is given, else as projected.</summary>
        /// <returns>How many could not be ruled out.</returns>
        private long Compare(Panel* panel, int start, int stop, float* centred, float* products, float* room, float* dense)
        {
            var (projection, tile, found) = (search._projection, PanelKernel.TileRows, 0L);
            var limits = panel->Limits;
            if (centred != null)
            {
                limits = dense;
                Denser(panel, centred, dense);
            }

            var waiting = 0;
            var candidates = stackalloc Candidate[Candidate.Most];
            for (var r = start; r < stop; r += tile)
            {
                var valid = Math.Min(tile, stop - r);
                var projected = search._projected + ((long)r * projection.Stride);
                if (centred == null)
                    PanelKernel.Multiply(panel->Projected, projected, projection.Stride, valid, projection.Components + 1, products);
                else
                    MultiplyInFull(centred, r, valid, products, room);
                for (var i = 0; i < valid; i++)
                {
                    var half = projected[((long)i * projection.Stride) + projection.Components + 1];
                    for (var left = PanelKernel.Above(products + (i * Width), half, limits); left != 0; left &= left - 1)
                    {
                        var query = BitOperations.TrailingZeroCount(left);
                        candidates[waiting++] = new Candidate(query, r + i, products[(i * Width) + query] - half);
                        if (waiting == Candidate.Most)
                            found += Weigh(panel, candidates, ref waiting, limits, centred);
                    }
                }
            }

            return found + Weigh(panel, candidates, ref waiting, limits, centred);
        }

        /// <summary>Looks at the rows that could not be ruled out, while the next ones are on their way from memory.</summary>
        /// <returns>How many there were.</returns>
        private long Weigh(Panel* panel, Candidate* candidates, ref int waiting, float* limits, float* centred)
        {
            const int Ahead = 4;
            var weighed = 0L;
            for (var c = 0; c < waiting; c++)
            {
                if (c + Ahead < waiting)
                    search._rows.Prefetch(candidates[c + Ahead].Row);
                var (query, row, score) = candidates[c];
                if (score <= limits[query])
                    continue; // a better row has been found since
                weighed++;
                if (Weigh(panel, query, row) && centred != null)
                    limits[query] = DenseLimit(panel, query, centred);
            }

            waiting = 0;
            return weighed;
        }

        private void MultiplyInFull(float* centred, int row, int valid, float* products, float* room)
        {
            var d = search.Dimension;
            if (search._rows.Precision == RowPrecision.Fp32)
            {
                PanelKernel.Multiply(centred, search._rows.Get(row, room), d, valid, d, products);
                return;
            }

            for (var i = 0; i < valid; i++)
                search._rows.Get(row + i, room + ((long)i * d));
            PanelKernel.Multiply(centred, room, d, valid, d, products);
        }

        /// <summary>Looks at a row in full.</summary>
        /// <returns>It is nearer than all before it.</returns>
        private bool Weigh(Panel* panel, int query, int row)
        {
            var squared = search._rows.SquaredDistance(panel->Queries + ((long)query * search.Dimension), row, panel->Best[query]);
            if (!(squared < panel->Best[query]))
                return false;
            panel->Best[query] = squared;
            panel->Rows[query] = row;
            panel->Limits[query] = Limit(panel, query);
            return true;
        }

        /// <summary>A row whose q·b − (1 − slack)‖b‖²/2 stays below this is not nearer than the best one. Nothing is nearer than 0.</summary>
        private float Limit(Panel* panel, int query) => panel->Best[query] > 0
            ? 0.5f * (((1 - search._projection.Slack) * panel->Norms[query]) - (panel->Best[query] * Rounding))
            : float.PositiveInfinity;

        private void Denser(Panel* panel, float* centred, float* dense)
        {
            for (var i = 0; i < Width; i++)
                dense[i] = DenseLimit(panel, i, centred);
        }

        /// <summary>The same limit for products with rows that still have the mean in them: it is added to the limit instead.</summary>
        private float DenseLimit(Panel* panel, int query, float* centred)
        {
            if (!float.IsFinite(panel->Limits[query]))
                return panel->Limits[query];
            var slack = search._projection.Slack;
            var mean = search._projection.Mean;
            var shift = 0.0;
            for (var k = 0; k < search.Dimension; k++)
                shift += (double)centred[(k * Width) + query] * mean[k];
            return (float)(panel->Limits[query] + shift - (2 * slack * Math.Sqrt(panel->Norms[query]) * search._projection.MeanNorm));
        }

        /// <summary>The answers of a panel.</summary>
        /// <param name="room">[D].</param>
        private void Finish(int at, Panel* panel, float* room)
        {
            for (var i = 0; i < Math.Min(Width, count - at); i++)
            {
                var row = panel->Rows[i];
                if (row < 0)
                {
                    // No comparison ever held: the query is not finite, and so will its distance be.
                    row = exclude.Count > 0 && exclude.Start == 0 ? exclude.End : 0;
                    panel->Best[i] = search._rows.SquaredDistance(panel->Queries + ((long)i * search.Dimension), row, float.PositiveInfinity);
                }

                indices[at + i] = row;
                distances[at + i] = MathF.Sqrt(panel->Best[i]);
            }
        }
    }

    /// <summary>A row that could not be ruled out for a query of the panel.</summary>
    private readonly record struct Candidate(int Query, int Row, float Score)
    {
        // Enough for rows to arrive from memory while others are weighed; few enough that limits are fresh.
        public const int Most = 64;
    }

    /// <summary>A panel of queries while it is searched for: where its parts lie in the worker's memory.</summary>
    private struct Panel
    {
        /// <summary>Values for each query, beside its own and its projection.</summary>
        public const int Values = 4;

        public float* Queries;   // [Width, D]
        public float* Projected; // [d + 1, Width]
        public float* Norms;     // [Width]: ‖q − μ‖²
        public float* Limits;    // [Width]
        public float* Best;      // [Width]: ‖q − b‖²
        public int* Rows;        // [Width]
        public int FullUntil;    // block
        public float* End;

        public Panel(float* at, int dimension, int projected)
        {
            var width = PanelKernel.PanelQueries;
            Queries = at;
            Projected = Queries + ((long)width * dimension);
            Norms = Projected + ((long)width * projected);
            Limits = Norms + width;
            Best = Limits + width;
            Rows = (int*)(Best + width);
            End = Best + (2 * width);
            FullUntil = 0;
        }
    }
}
