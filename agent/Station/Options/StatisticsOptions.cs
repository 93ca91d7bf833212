namespace MrfAd.Station.Options;

/// <summary>The options of history and statistics: the plant's shifts and time zone, and the control charts.</summary>
public sealed record StatisticsOptions
{
    /// <summary>The time zone of hours, shifts and days, a name of the IANA database such as "Europe/Berlin".</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>The shifts of a day in the order of their starts; each lasts until the next one starts, the last one until the first one of the next day.</summary>
    public IReadOnlyList<ShiftOptions> Shifts { get; init; } = [new() { Name = "early", Start = "06:00" }, new() { Name = "late", Start = "14:00" }, new() { Name = "night", Start = "22:00" }];

    /// <summary>The number of parts in one point of the control charts, 5 to 10000. Fewer show a change sooner and give more false signals a day.</summary>
    public int ChartParts { get; init; } = 25;
}
