namespace MrfAd.Station.Outbox;

/// <summary>One message on its way to the broker, or kept after it.</summary>
/// <param name="number">Counts the letters of its journal.</param>
/// <param name="late">It was not made in this run, or there was no broker when it was.</param>
/// <param name="addedAt">On the clock's tick counter.</param>
public sealed class Letter(long number, Label label, bool late, long addedAt)
{
    public long Number { get; } = number;

    public Label Label { get; } = label;

    public long AddedAt { get; } = addedAt;

    /// <summary>An earlier run made it: only its label says when.</summary>
    public bool IsRecovered { get; init; }

    /// <summary>It does not go out when it is new.</summary>
    public bool Late { get; set; } = late;

    /// <summary>Null while it is only in memory.</summary>
    public LogPlace? Place { get; set; }

    /// <summary>The payload, while it is only in memory.</summary>
    public ReadOnlyMemory<byte>? Unsaved { get; set; }
}
