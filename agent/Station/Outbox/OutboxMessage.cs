namespace MrfAd.Station.Outbox;

/// <summary>One message that waits for the broker, or is kept after the broker has acknowledged it.</summary>
/// <param name="number">The number of the message in its journal, from 1.</param>
/// <param name="historical">True where an earlier run made it, or the broker was not connected when it was made.</param>
/// <param name="addedAt">A timestamp of the clock, in ticks.</param>
public sealed class OutboxMessage(long number, MessageHeaders headers, bool historical, long addedAt)
{
    public long Number { get; } = number;

    public MessageHeaders Headers { get; } = headers;

    public long AddedAt { get; } = addedAt;

    /// <summary>True where an earlier run made it: then only its headers say when.</summary>
    public bool IsRecovered { get; init; }

    /// <summary>True where it is not sent within a second of its making: such a verdict is published as historical, and no reject gate acts on it.</summary>
    public bool IsHistorical { get; set; } = historical;

    /// <summary>The record's place on disk; null while it is only in memory.</summary>
    public LogPlace? Place { get; set; }

    /// <summary>The payload while it is only in memory; null once it is on disk.</summary>
    public ReadOnlyMemory<byte>? Unsaved { get; set; }
}
