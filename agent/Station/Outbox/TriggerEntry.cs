using MrfAd.Contracts;

namespace MrfAd.Station.Outbox;

/// <summary>A trigger that has been accepted and whose verdict is pending: it gets one even if this process ends before.</summary>
/// <param name="Id">The id that its verdict will have.</param>
/// <param name="Trigger">The id of the trigger.</param>
public sealed record TriggerEntry(Guid Id, long Seq, string Camera, string Trigger, string Source, DateTimeOffset At)
{
    /// <summary>The data of the part that came with the trigger; null where none came.</summary>
    public PartInfo? Part { get; init; }

    /// <summary>The product by which the part is judged; null where the station has none, or none of the name that was asked for.</summary>
    public string? Product { get; init; }

    /// <summary>The W3C <c>traceparent</c> that came with the trigger; null where none came, or traces are off.</summary>
    public string? Traceparent { get; init; }
}
