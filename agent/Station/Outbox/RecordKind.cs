namespace MrfAd.Station.Outbox;

/// <summary>The kind of a record; the numbers are part of the format.</summary>
public enum RecordKind : byte
{
    /// <summary>A <see cref="Station.Outbox.Checkpoint"/>, which holds what must outlive the segments before it.</summary>
    Checkpoint = 1,

    /// <summary>A <see cref="TriggerEntry"/>: a trigger whose verdict is pending.</summary>
    Trigger = 2,

    /// <summary>The <see cref="MessageHeaders"/> and the payload of a message.</summary>
    Message = 3,

    /// <summary>The broker has acknowledged all messages up to this number. Has no body.</summary>
    Acknowledged = 4,
}
