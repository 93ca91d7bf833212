using System.Numerics;

namespace MrfAd.Engine.Search;

/// <summary>The search for one panel of queries, from loading the queries to writing their results.</summary>
internal readonly ref struct PanelSearch(ExactSearch search, RowRange exclude, WorkerBuffers buffers, QueryPanel panel)
{
    // Relative rounding margin: distances summed in another order differ by less, so a row is ruled out only if no rounding could make it the nearest.
    private const float Rounding = 1 + 1e-5f;

    // The number of rows compared first, spread over the bank: the nearest of them rules out most of the others from the start.
    private const int SpreadRows = 1024;

    // The minimum distance between two of them, in rows.
    private const int MinSpreadStep = 8;

    // The number of rows after which it is checked whether the projection rules out enough.
    private const int TrialRows = 128;

    // The number of rows compared in full before the projection is tried again: a failed trial costs as much as comparing 20 times its rows.
    private const int RowsBetweenTrials = 50_000;

    // The number of rows that are prefetched ahead of the one that is compared.
    private const int PrefetchedRows = 4;

    private static int Width => PanelKernel.PanelQueries;

    private Projection Projection => search.Projection;

    /// <summary>Loads the queries from <paramref name="first"/> on.</summary>
    /// <param name="queries">The queries, [count, D] or [D, count] as <paramref name="layout"/> says.</param>
    public void Load(ReadOnlySpan<float> queries, FeatureLayout layout, int first, int count)
    {
        panel.Load(queries, layout, first, count);
        panel.Centre(Projection.MeanValues, buffers.Centred);
        Projection.Project(buffers.Centred, panel.Projected, panel.SquaredNorms, buffers.Products);
        for (var i = 0; i < Width; i++)
            panel.Residuals[i] = search.Residual(panel.Projected[i..], Width);
        panel.FullUntil = Projection.Components > 0 ? 0 : search.Count; // without axes there is nothing to try
        panel.BestRows.AsSpan().Fill(-1);
        panel.BestSquared.Fill(float.PositiveInfinity);
        panel.Limits.Fill(float.NegativeInfinity);
        if (first + Width > count)
            panel.Limits[(count - first)..].Fill(float.PositiveInfinity); // these lanes hold no queries
    }

    /// <summary>Compares each query with the row that the caller guesses for it.</summary>
    public void TryGuesses(ReadOnlySpan<int> guesses)
    {
        for (var i = 0; i < guesses.Length; i++)
        {
            if (guesses[i] >= 0 && guesses[i] < search.Count && !exclude.Contains(guesses[i]))
                CompareExactly(i, guesses[i]);
        }
    }

    /// <summary>Compares each query with one more promising row: the nearest by projection among a few rows spread over the bank.</summary>
    public void TrySpreadRows()
    {
        Span<float> best = stackalloc float[Width];
        Span<int> chosen = stackalloc int[Width];
        panel.Limits.CopyTo(best);
        chosen.Fill(-1);
        var tile = PanelKernel.TileRows;
        var products = buffers.Products;
        var step = Math.Max(MinSpreadStep, search.Count / SpreadRows);
        for (var r = 0; r < search.Count; r += tile * step)
        {
            var valid = Math.Min(tile, (search.Count - r + step - 1) / step);
            PanelKernel.Multiply(panel.Projected, search.ProjectedRows(r, valid, step), step * Projection.Stride, valid, Projection.Components + 1, products);
            for (var i = 0; i < valid; i++)
            {
                var row = r + (i * step);
                if (!exclude.Contains(row))
                    KeepBest(products.Slice(i * Width, Width), row, best, chosen);
            }
        }

        for (var i = 0; i < Width; i++)
        {
            if (chosen[i] >= 0)
                CompareExactly(i, chosen[i]);
        }
    }

    /// <summary>Compares the panel with rows: by projection as long as that rules out enough of them, otherwise in full.</summary>
    /// <returns>The number of pairs that could not be ruled out.</returns>
    public long Compare(int start, int stop)
    {
        var compared = 0L;
        int end;
        for (var at = start; at < stop; at = end)
        {
            var inFull = at < panel.FullUntil;
            end = inFull ? stop : Math.Min(stop, at + TrialRows);
            if (inFull)
                panel.Centre(Projection.MeanValues, buffers.Centred);
            var before = CompareRows(at, exclude.Count > 0 ? Math.Min(end, exclude.Start) : end, inFull);
            var behind = exclude.Count > 0 ? CompareRows(Math.Max(at, exclude.End), end, inFull) : 0;
            if (!inFull && (before + behind) * ComponentCount.CostOfCandidate(search.Dimension) > (long)(end - at) * Width * search.Dimension)
                panel.FullUntil = end + RowsBetweenTrials;
            compared += before + behind;
        }

        return compared;
    }

    /// <summary>Writes each query's distance and row.</summary>
    public void WriteResults(Span<float> distances, Span<int> indices)
    {
        for (var i = 0; i < distances.Length; i++)
        {
            if (panel.BestRows[i] < 0)
            {
                // No comparison was true, so the query is not finite, and neither is its distance.
                panel.BestRows[i] = exclude.Contains(0) ? exclude.End : 0;
                panel.BestSquared[i] = search.Rows.SquaredDistance(panel.Query(i), panel.BestRows[i], float.PositiveInfinity);
            }

            indices[i] = panel.BestRows[i];
            distances[i] = MathF.Sqrt(panel.BestSquared[i]);
        }
    }

    /// <summary>Replaces the best row of each query for which this row is nearer.</summary>
    private void KeepBest(ReadOnlySpan<float> products, int row, Span<float> best, Span<int> chosen)
    {
        var half = search.HalfNorm(row);
        for (var nearer = PanelKernel.Above(products, half, best); nearer != 0; nearer &= nearer - 1)
        {
            var query = BitOperations.TrailingZeroCount(nearer);
            best[query] = products[query] - half;
            chosen[query] = row;
        }
    }

    /// <summary>Compares the panel with rows, in full or by projection.</summary>
    /// <returns>The number of pairs that could not be ruled out.</returns>
    private long CompareRows(int start, int stop, bool inFull)
    {
        if (inFull)
            FillFullLimits();
        var (tile, candidates) = (PanelKernel.TileRows, buffers.Candidates);
        var products = buffers.Products;
        var limits = inFull ? buffers.FullLimits : panel.Limits;
        var (compared, waiting) = (0L, 0);
        for (var r = start; r < stop; r += tile)
        {
            var valid = Math.Min(tile, stop - r);
            if (inFull)
                MultiplyInFull(r, valid, products);
            else if (!MultiplyProjected(r, valid, products))
                continue;
            for (var i = 0; i < valid; i++)
            {
                var half = search.HalfNorm(r + i);
                var row = products.Slice(i * Width, Width);
                for (var above = PanelKernel.Above(row, half, limits); above != 0; above &= above - 1)
                {
                    var query = BitOperations.TrailingZeroCount(above);
                    candidates[waiting++] = new Candidate(query, r + i, row[query] - half);
                    if (waiting == candidates.Length)
                        compared += CompareCandidates(ref waiting, limits, inFull);
                }
            }
        }

        return compared + CompareCandidates(ref waiting, limits, inFull);
    }

    /// <summary>Multiplies a tile of rows; the first coordinates alone rule out most tiles, since neighbouring patches are alike, and so are the rows of one place.</summary>
    /// <returns>False where they rule out all of the tile's rows for all queries; the products are not complete then.</returns>
    private bool MultiplyProjected(int row, int valid, Span<float> products)
    {
        var (stride, first) = (Projection.Stride, search.FirstCoordinates);
        var projected = search.ProjectedRows(row, valid);
        if (first > 0)
        {
            PanelKernel.Multiply(panel.Projected, projected, stride, valid, first, products);
            if (!PanelKernel.AnyAbove(products, panel.Residuals, search.ResidualNorms(row, valid), panel.Limits))
                return false;
        }

        PanelKernel.Multiply(panel.Projected[(first * Width)..], projected[first..], stride, valid, Projection.Components + 1 - first, products, add: first > 0);
        return true;
    }

    private void MultiplyInFull(int row, int valid, Span<float> products) =>
        PanelKernel.Multiply(buffers.Centred, search.Rows.Get(row, valid, buffers.DecodedRows), search.Dimension, valid, search.Dimension, products);

    /// <summary>Compares in full the rows that could not be ruled out, while the next ones are prefetched from memory.</summary>
    /// <returns>The number of candidates.</returns>
    private long CompareCandidates(ref int waiting, Span<float> limits, bool inFull)
    {
        var candidates = buffers.Candidates.AsSpan(0, waiting);
        var compared = 0L;
        for (var c = 0; c < candidates.Length; c++)
        {
            if (c + PrefetchedRows < candidates.Length)
                search.Rows.Prefetch(candidates[c + PrefetchedRows].Row);
            var (query, row, score) = candidates[c];
            if (score <= limits[query])
                continue; // a better row has been found since
            compared++;
            if (CompareExactly(query, row) && inFull)
                limits[query] = FullLimit(query);
        }

        waiting = 0;
        return compared;
    }

    /// <returns>True where the row is nearer than all rows before it.</returns>
    private bool CompareExactly(int query, int row)
    {
        var squared = search.Rows.SquaredDistance(panel.Query(query), row, panel.BestSquared[query]);
        if (!(squared < panel.BestSquared[query]))
            return false;
        panel.BestSquared[query] = squared;
        panel.BestRows[query] = row;
        panel.Limits[query] = Limit(query);
        return true;
    }

    /// <summary>Returns the query's limit: a row whose q·b − (1 − slack)‖b‖²/2 is not above it is not nearer than the best one. It is infinite once the best distance is 0.</summary>
    private float Limit(int query) => panel.BestSquared[query] > 0
        ? 0.5f * (((1 - Projection.Slack) * panel.SquaredNorms[query]) - (panel.BestSquared[query] * Rounding))
        : float.PositiveInfinity;

    private void FillFullLimits()
    {
        for (var i = 0; i < Width; i++)
            buffers.FullLimits[i] = FullLimit(i);
    }

    /// <summary>Returns the limit for products with rows from which the mean is not subtracted: its product with the query is added to the limit instead.</summary>
    private float FullLimit(int query)
    {
        if (!float.IsFinite(panel.Limits[query]))
            return panel.Limits[query];
        var mean = Projection.MeanValues;
        var centred = buffers.Centred;
        var shift = 0.0;
        for (var k = 0; k < mean.Length; k++)
            shift += (double)centred[(k * Width) + query] * mean[k];
        return (float)(panel.Limits[query] + shift - (2 * Projection.Slack * Math.Sqrt(panel.SquaredNorms[query]) * Projection.MeanNorm));
    }
}
