namespace MrfAd.Engine.Search;

/// <summary>Finds for each query a near row of a bank and its distance (eq. 5).</summary>
public interface IRowSearch
{
    /// <summary>The number of dimensions, D.</summary>
    int Dimension { get; }

    /// <param name="queries">The queries, [Q, D] or [D, Q] as <paramref name="layout"/> says; where one is not finite, its distance is not finite either.</param>
    /// <param name="distances">The L2 distances to fill, [Q], ≥ 0.</param>
    /// <param name="indices">The rows, [Q]: on entry a guess for each query or a negative number, on return the row found.</param>
    /// <param name="scratch">The buffers and worker threads of the search, which one caller reuses between calls.</param>
    /// <param name="exclude">Rows that must not be the answer (those made of the query's own image).</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or every row is excluded.</exception>
    void Search(ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default);
}
