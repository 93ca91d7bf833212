namespace MrfAd.Engine.Search;

/// <summary>Finds for each query a near row of a bank and its distance (eq. 5).</summary>
public interface IRowSearch
{
    /// <summary>D.</summary>
    int Dimension { get; }

    /// <param name="queries">[Q, D] or [D, Q] as <paramref name="layout"/> says, finite: of others the distance is not finite either.</param>
    /// <param name="distances">[Q], L2, ≥ 0; filled.</param>
    /// <param name="indices">[Q]: before, a guess for each query or anything below 0; after, the row found.</param>
    /// <param name="scratch">Reused between calls by one caller; its workers do the search.</param>
    /// <param name="exclude">Rows that must not be the answer (those made of the query's own image).</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or every row is excluded.</exception>
    void Search(ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default);
}
