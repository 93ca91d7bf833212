using System.Numerics;
using MrfAd.Engine.Features;

namespace MrfAd.Engine.Search;

/// <content>The search for some panels of queries, from packing them to their answers.</content>
public sealed unsafe partial class ExactSearch
{
    // Distances summed in another order differ by less: a row is left out only if no rounding could make it the nearest.
    private const float Rounding = 1 + 1e-5f;

    // Rows looked at first, spread over the bank: the nearest of them rules out most of the others from the start.
    private const int Scouts = 1024;

    // One in so many rows at the most is a scout.
    private const int LeastScoutStep = 8;

    // Of queries that are transposed together: their cache lines fit the first level.
    private const int Channels = 64;

    // Rows after which it is asked whether the projection rules out enough.
    private const int Portion = 128;

    // Rows compared in full before the projection is tried again: a trial that fails costs as much as 20 times its rows.
    private const int Patience = 50_000;

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
                panels[i] = new Panel(at, d, k) { FullUntil = k > 1 ? 0 : search.Count }; // without axes there is nothing to try
                at = panels[i].End;
                Prepare((first + i) * Width, panels + i, centred, products);
                Scout(panels + i, products, dense);
            }

            var candidates = 0L;
            for (var start = 0; start < search.Count; start += search._blockRows)
            {
                var stop = Math.Min(search.Count, start + search._blockRows);
                for (var i = 0; i < n; i++)
                    candidates += Compare(panels + i, start, stop, centred, products, room, dense);
            }

            for (var i = 0; i < n; i++)
                Finish((first + i) * Width, panels + i, room);
            return candidates;
        }

        /// <summary>Takes in the queries from <paramref name="at"/> on; those past the end repeat the last one.</summary>
        private void Prepare(int at, Panel* panel, float* centred, float* products)
        {
            for (var i = 0; i < Width && layout == FeatureLayout.PatchesFirst; i++)
                Buffer.MemoryCopy(queries + ((long)Math.Min(at + i, count - 1) * search.Dimension), panel->Queries + ((long)i * search.Dimension), search.Dimension * sizeof(float), search.Dimension * sizeof(float));
            if (layout == FeatureLayout.ChannelsFirst)
                Transpose(at, panel);
            Centre(panel, centred);
            search._projection.Project(centred, panel->Projected, panel->Norms, products);
            for (var i = 0; i < Width; i++)
            {
                panel->Rests[i] = search.Rest(panel->Projected + i, Width);
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

        /// <summary>Channels of queries to queries, so few channels at a time that their cache lines stay for all queries.</summary>
        private void Transpose(int at, Panel* panel)
        {
            var d = search.Dimension;
            for (var from = 0; from < d; from += Channels)
            {
                var end = Math.Min(d, from + Channels);
                for (var i = 0; i < Width; i++)
                {
                    var source = queries + Math.Min(at + i, count - 1);
                    var target = panel->Queries + ((long)i * d);
                    for (var k = from; k < end; k++)
                        target[k] = source[(long)k * count];
                }
            }
        }

        /// <summary>The panel's queries about the mean, [D, Width].</summary>
        private void Centre(Panel* panel, float* centred)
        {
            var d = search.Dimension;
            var mean = search._projection.Mean;
            for (var from = 0; from < d; from += Channels)
            {
                var end = Math.Min(d, from + Channels);
                for (var i = 0; i < Width; i++)
                {
                    var source = panel->Queries + ((long)i * d);
                    var target = centred + i;
                    for (var k = from; k < end; k++)
                        target[k * Width] = source[k] - mean[k];
                }
            }
        }

        /// <summary>Compares the panel with rows: as projected as long as that rules out enough of them, else in full.</summary>
        /// <returns>How many could not be ruled out.</returns>
        private long Compare(Panel* panel, int start, int stop, float* centred, float* products, float* room, float* dense)
        {
            var found = 0L;
            int end;
            for (var at = start; at < stop; at = end)
            {
                var full = at < panel->FullUntil;
                end = full ? stop : Math.Min(stop, at + Portion);
                if (full)
                    Centre(panel, centred);
                var some = 0L;
                some += CompareAll(panel, at, Math.Min(end, exclude.Count > 0 ? exclude.Start : end), full ? centred : null, products, room, dense);
                if (exclude.Count > 0)
                    some += CompareAll(panel, Math.Max(at, exclude.End), end, full ? centred : null, products, room, dense);
                if (!full && some * PrincipalAxes.CostOfCandidate(search.Dimension) > (long)(end - at) * Width * search.Dimension)
                    panel->FullUntil = end + Patience;
                found += some;
            }

            return found;
        }

        /// <summary>Compares the panel with rows; in full where <paramref name="centred"/> is given, else as projected.</summary>
        /// <returns>How many could not be ruled out.</returns>
        private long CompareAll(Panel* panel, int start, int stop, float* centred, float* products, float* room, float* dense)
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
                if (centred != null)
                    MultiplyInFull(centred, r, valid, products, room);
                else if (!MultiplyProjected(panel, r, projected, valid, products))
                    continue;
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

        /// <summary>The first coordinates alone rule out most tiles: neighbouring patches are alike, so are rows from one place.</summary>
        /// <returns>False where they rule out all of the tile's rows for all queries; the products are not complete then.</returns>
        private bool MultiplyProjected(Panel* panel, int row, float* projected, int valid, float* products)
        {
            var (stride, k, first) = (search._projection.Stride, search._projection.Components + 1, search._first);
            if (first > 0)
            {
                PanelKernel.Multiply(panel->Projected, projected, stride, valid, first, products);
                if (!PanelKernel.AnyAbove(products, valid, panel->Rests, search.RowRests + row, panel->Limits))
                    return false;
            }

            PanelKernel.Multiply(panel->Projected + ((long)first * Width), projected + first, stride, valid, k - first, products, add: first > 0);
            return true;
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
        public const int Values = 5;

        public float* Queries;   // [Width, D]
        public float* Projected; // [d + 1, Width]
        public float* Norms;     // [Width]: ‖q − μ‖²
        public float* Rests;     // [Width]: of the projected query, what its first coordinates leave over
        public float* Limits;    // [Width]
        public float* Best;      // [Width]: ‖q − b‖²
        public int* Rows;        // [Width]
        public int FullUntil;    // row
        public float* End;

        public Panel(float* at, int dimension, int projected)
        {
            var width = PanelKernel.PanelQueries;
            Queries = at;
            Projected = Queries + ((long)width * dimension);
            Norms = Projected + ((long)width * projected);
            Rests = Norms + width;
            Limits = Rests + width;
            Best = Limits + width;
            Rows = (int*)(Best + width);
            End = Best + (2 * width);
            FullUntil = 0;
        }
    }
}
