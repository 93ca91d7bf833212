namespace MrfAd.Station.History;

/// <summary>A range of time in milliseconds since 1970 UTC.</summary>
/// <param name="From">The first millisecond.</param>
/// <param name="To">The millisecond after the last one.</param>
public readonly record struct TimeRange(long From, long To)
{
    /// <summary>Returns the part of this range that lies within the other; empty where none does.</summary>
    public TimeRange Within(TimeRange other) => new(Math.Max(From, other.From), Math.Min(To, other.To));

    /// <summary>Returns true where no millisecond lies within.</summary>
    public bool IsEmpty => To <= From;
}
