namespace MrfAd.Station.Outbox;

/// <summary>Where a record lies.</summary>
/// <param name="Length">Of the whole record.</param>
public readonly record struct LogPlace(Segment Segment, long Offset, int Length);
