namespace MrfAd.Engine.Search;

/// <summary>
/// One call of <see cref="ExactSearch"/>, divided among workers by panels of queries. It holds the caller's pinned memory by
/// pointers, as spans cannot pass from one thread to another.
/// </summary>
internal readonly unsafe struct SearchJob(ExactSearch search, float* queries, FeatureLayout layout, int count, float* distances, int* indices, RowRange exclude, SearchPass pass)
{
    private static int Width => PanelKernel.PanelQueries;

    public int Panels => (count + Width - 1) / Width;

    private ReadOnlySpan<float> Queries => new(queries, count * search.Dimension);

    private Span<float> Distances => new(distances, count);

    private Span<int> Indices => new(indices, count);

    /// <summary>Allocates buffers for a worker that takes <paramref name="panels"/> panels at a time.</summary>
    public void Reserve(WorkerBuffers buffers, int panels) => buffers.Require(panels, search.Dimension, search.Projection.Components + 1);

    /// <summary>Searches for the panels from <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
    /// <returns>The number of rows compared in full.</returns>
    public long Run(int first, int end, WorkerBuffers buffers)
    {
        for (var i = 0; i < end - first; i++)
            Begin((first + i) * Width, Part(i, buffers));
        var compared = 0L;
        for (var start = 0; start < search.Count && pass != SearchPass.Bound; start += search.BlockRows) // a block stays in the cache while all panels are compared with it
        {
            for (var i = 0; i < end - first; i++)
                compared += Part(i, buffers).Compare(start, Math.Min(search.Count, start + search.BlockRows));
        }

        for (var i = 0; i < end - first; i++)
            Finish((first + i) * Width, Part(i, buffers));
        return compared;
    }

    private PanelSearch Part(int panel, WorkerBuffers buffers) => new(search, exclude, buffers, buffers.Panel(panel));

    /// <summary>Loads the queries from <paramref name="at"/> on, with a promising row for each.</summary>
    private void Begin(int at, PanelSearch part)
    {
        part.Load(Queries, layout, at, count);
        part.TryGuesses(Indices[at..Math.Min(count, at + Width)]);
        if (pass != SearchPass.Refine)
            part.TrySpreadRows();
    }

    private void Finish(int at, PanelSearch part)
    {
        var end = Math.Min(count, at + Width);
        part.WriteResults(Distances[at..end], Indices[at..end]);
    }
}
