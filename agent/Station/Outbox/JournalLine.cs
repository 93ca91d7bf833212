namespace MrfAd.Station.Outbox;

/// <summary>A record that is to be written.</summary>
public sealed record JournalLine(RecordKind Kind, long Number, byte[] Body, Letter? Letter)
{
    public bool IsSaved { get; private set; }

    public void Saved(LogPlace place)
    {
        IsSaved = true;
        if (Letter is not null)
            (Letter.Place, Letter.Unsaved) = (place, null);
    }
}
