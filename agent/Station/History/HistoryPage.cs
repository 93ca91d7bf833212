using System.ComponentModel;

namespace MrfAd.Station.History;

/// <summary>A page of verdicts, the newest first.</summary>
public sealed record HistoryPage
{
    public required IReadOnlyList<HistoryEntry> Verdicts { get; init; }

    [Description("The 'before' of the next page; null where this was the last one. A page may hold fewer verdicts than asked for, even none, and have a next one: so much work one page does.")]
    public string? Next { get; init; }

    [Description("Every verdict from this time on has been looked at; null where all were.")]
    public DateTimeOffset? SearchedTo { get; init; }
}
