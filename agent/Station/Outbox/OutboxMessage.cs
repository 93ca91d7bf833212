using MrfAd.Contracts;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>One message that waits for the broker, or is kept after the broker has acknowledged it.</summary>
/// <param name="number">The number of the message among those of its kind.</param>
/// <param name="historical">True where an earlier run made it, or the broker was not connected when it was made.</param>
/// <param name="addedAt">A timestamp of the clock, in ticks.</param>
public sealed class OutboxMessage(long number, MessageHeaders headers, bool historical, long addedAt)
{
    public long Number { get; } = number;

    public MessageHeaders Headers { get; } = headers;

    public long AddedAt { get; } = addedAt;

    /// <summary>True where it is not sent within a second of its making: such a verdict is published as historical, and no reject gate acts on it.</summary>
    public bool IsHistorical { get; set; } = historical;

    public Delivery Delivery { get; set; }

    /// <summary>True once its row is on disk.</summary>
    public bool IsSaved { get; set; }

    /// <summary>The payload while it is in memory.</summary>
    public ReadOnlyMemory<byte>? Content { get; set; }

    /// <summary>For a verdict that is not saved yet, the verdict.</summary>
    public VerdictMessage? Verdict { get; init; }

    /// <summary>For a verdict, true where it is a view of a part that was not judged when it was added.</summary>
    public bool IsView { get; init; }

    /// <summary>For the verdict of a part that is not saved yet, that verdict.</summary>
    public PartMessage? Part { get; init; }

    /// <summary>For a verdict, the hottest spots of an NG part as JSON; null for other parts.</summary>
    public string? Spots { get; init; }

    /// <summary>For a picture, its kind, "frame" or "heatmap".</summary>
    public string? Kind { get; init; }

    /// <summary>For a picture, the size of its file.</summary>
    public long Bytes { get; init; }

    /// <summary>For a picture, its file below the folder of the pictures; null while that is not written.</summary>
    public string? File { get; set; }

    /// <summary>For a picture, the topic and number of its verdict, which is sent first; null where the broker has that.</summary>
    public (string Topic, long Number)? Follows { get; init; }
}
