namespace MrfAd.Station.History;

/// <summary>One shift of one day.</summary>
/// <param name="Day">The local day on which it starts; a night shift belongs to the day on which it starts.</param>
public sealed record Shift(string Name, DateOnly Day, TimeRange Time)
{
    /// <summary>The text by which filters name it, for example "2026-11-29/early".</summary>
    public string Id => FormattableString.Invariant($"{Day:yyyy-MM-dd}/{Name}");
}
