namespace MrfAd.Station.History;

/// <summary>An index of the table <c>verdicts</c> that serves one condition.</summary>
/// <param name="IsByTime">True where its second column is the time: then it gives verdicts in order.</param>
public sealed record HistoryIndex(string Name, bool IsByTime)
{
    public string Condition { get; init; } = "";
}
