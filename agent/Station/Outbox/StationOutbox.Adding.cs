using MrfAd.Contracts;

namespace MrfAd.Station.Outbox;

/// <content>Adds triggers and messages.</content>
public sealed partial class StationOutbox
{
    /// <summary>Adds a pending trigger. Returns once it is on disk, or the disk has refused it or does not answer.</summary>
    public void Add(TriggerEntry trigger)
    {
        var written = Verdicts.Add(trigger);
        Save();
        Await(written);
    }

    /// <summary>Adds a verdict, to be written at once and sent once it is on disk, or the disk has refused it.</summary>
    /// <param name="content">The payload as it is published.</param>
    /// <param name="spots">The hottest spots of an NG part as JSON; null for other parts.</param>
    /// <param name="isView">True where it is a view of a part that is not judged yet.</param>
    public OutboxMessage AddVerdict(MessageHeaders headers, VerdictMessage verdict, ReadOnlyMemory<byte> content, string? spots = null, bool isView = false)
    {
        var message = Verdicts.Add(headers, verdict, content, spots, historical: !_broker.IsConnected, isView);
        Save();
        if (Verdicts.Unsaved > MaxVerdictsUnwritten)
            Await(Verdicts.Written);
        return message;
    }

    /// <summary>Adds the verdict of a part whose views were added, to be written with them or after them, and sent once it is on disk, or the disk has refused it.</summary>
    /// <param name="content">The payload as it is published.</param>
    public void AddPart(MessageHeaders headers, PartMessage part, ReadOnlyMemory<byte> content)
    {
        Parts.Add(headers, part, content, historical: !_broker.IsConnected);
        Save();
    }

    /// <summary>Adds a picture and writes its file, which may take long on a slow disk; it is sent after its verdict.</summary>
    /// <param name="kind">The kind of the picture, "frame" or "heatmap".</param>
    public void AddPicture(MessageHeaders headers, OutboxMessage verdict, string kind, ReadOnlyMemory<byte> content)
    {
        Pictures.Add(headers, verdict, kind, content, historical: !_broker.IsConnected);
        Save();
    }

    /// <summary>Writes the files of pictures that the disk has refused; to be called at times by the thread that adds pictures.</summary>
    public void RetryPictures()
    {
        if (Pictures.Error is null)
            return;
        Pictures.WriteFiles();
        Save();
    }
}
