using MrfAd.Station.Outbox;

namespace MrfAd.Station.Options;

/// <summary>The limits of one journal.</summary>
/// <param name="What">The kind of its messages, "verdict" or "picture", as metrics and messages name it.</param>
/// <param name="Bytes">The maximum size on disk in bytes; the oldest segment is deleted when there is more.</param>
/// <param name="Age">The maximum age; a segment is deleted when everything in it is older.</param>
/// <param name="KeepsSent">Keeps messages that the broker has acknowledged, within the limits of age and size, so that they can be replayed.</param>
/// <param name="TriggerMemory">The time within which a trigger with the same id is a duplicate.</param>
/// <param name="MessagesInMemory">The maximum number of messages in memory while the disk cannot be written; the oldest is dropped when there are more.</param>
public sealed record JournalOptions(string What, long Bytes, TimeSpan Age, bool KeepsSent, TimeSpan TriggerMemory, int MessagesInMemory)
{
    /// <summary>The size of a segment in bytes: a sixteenth of the budget within limits, so that deleting one loses little and a start can read each as a whole.</summary>
    public long SegmentBytes => Math.Clamp(Bytes / 16, 64 * 1024, LogRecord.MaxBodySize);
}
