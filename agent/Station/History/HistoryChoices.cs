namespace MrfAd.Station.History;

/// <summary>The values that filters can be set to.</summary>
public sealed record HistoryChoices
{
    public required IReadOnlyList<string> Cameras { get; init; }

    public required IReadOnlyList<string> Products { get; init; }

    public required IReadOnlyList<string> Causes { get; init; }

    public required IReadOnlyList<long> BankVersions { get; init; }

    public required IReadOnlyList<string> Shifts { get; init; }

    public required string TimeZone { get; init; }
}
