namespace MrfAd.Station.Outbox;

/// <summary>The place of a record on disk.</summary>
/// <param name="Offset">Byte offset of the record in its segment.</param>
/// <param name="Length">Length of the whole record in bytes, header included.</param>
public readonly record struct LogPlace(Segment Segment, long Offset, int Length);
