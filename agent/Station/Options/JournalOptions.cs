using MrfAd.Station.Outbox;

namespace MrfAd.Station.Options;

/// <summary>Bounds of one journal.</summary>
/// <param name="What">"verdict" or "picture": its label in metrics and messages.</param>
/// <param name="Bytes">On disk at most; the oldest segment goes when it is more.</param>
/// <param name="Age">A segment goes when all in it is older.</param>
/// <param name="KeepsSent">What the broker has stays until it is too old or too much, to be sent again on demand.</param>
/// <param name="TriggerMemory">For how long a trigger of the same id is the same trigger.</param>
/// <param name="MessagesInMemory">While the disk cannot be written; the oldest goes when there are more.</param>
public sealed record JournalOptions(string What, long Bytes, TimeSpan Age, bool KeepsSent, TimeSpan TriggerMemory, int MessagesInMemory)
{
    /// <summary>A budget is 16 segments, of a large one more: what goes at once is small beside it, and a start reads each at once.</summary>
    public long SegmentBytes => Math.Clamp(Bytes / 16, 64 * 1024, LogRecord.MaxBodySize);
}
