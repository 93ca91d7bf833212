namespace MrfAd.Engine.Search;

/// <summary>A row that the bound does not rule out for a query.</summary>
/// <param name="Query">In the panel, 0 to PanelQueries − 1.</param>
/// <param name="Row">In the bank.</param>
/// <param name="Score">q·b − ‖b‖²/2, to be compared with the query's limit.</param>
internal readonly record struct Candidate(int Query, int Row, float Score);
