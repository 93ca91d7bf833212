namespace MrfAd.Station.Outbox;

/// <summary>What a record of a log says; the numbers are part of the format.</summary>
public enum RecordKind : byte
{
    /// <summary>A <see cref="Station.Outbox.Checkpoint"/>: what the segments before it said that must outlive them.</summary>
    Checkpoint = 1,

    /// <summary>A <see cref="TriggerEntry"/>: a verdict is owed.</summary>
    Trigger = 2,

    /// <summary>A <see cref="Label"/> and a message's payload.</summary>
    Letter = 3,

    /// <summary>All letters up to this number are with the broker. Without a body.</summary>
    Acknowledged = 4,
}
