namespace MrfAd.Station.Outbox;

/// <summary>A trigger that has been accepted: a verdict is owed, whatever happens to this process.</summary>
/// <param name="Id">Of its verdict to be.</param>
/// <param name="Trigger">Its own id.</param>
public sealed record TriggerEntry(Guid Id, long Seq, string Camera, string Trigger, string Source, DateTimeOffset At);
