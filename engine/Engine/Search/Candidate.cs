namespace MrfAd.Engine.Search;

/// <summary>A row that the bound does not rule out for a query.</summary>
/// <param name="Query">The index of the query in the panel, 0 to PanelQueries − 1.</param>
/// <param name="Row">The index of the row in the bank.</param>
/// <param name="Score">The score q·b − ‖b‖²/2, which is compared with the query's limit.</param>
internal readonly record struct Candidate(int Query, int Row, float Score);
