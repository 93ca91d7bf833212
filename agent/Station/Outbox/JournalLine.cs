namespace MrfAd.Station.Outbox;

/// <summary>A record of the journal that is to be written to disk.</summary>
public sealed record JournalLine(RecordKind Kind, long Number, byte[] Body, OutboxMessage? Message)
{
    public bool IsSaved { get; private set; }

    public void Saved(LogPlace place)
    {
        IsSaved = true;
        if (Message is not null)
            (Message.Place, Message.Unsaved) = (place, null);
    }
}
