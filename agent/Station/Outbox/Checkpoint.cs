namespace MrfAd.Station.Outbox;

/// <summary>What must outlive the deletion of old segments; the first record of each.</summary>
/// <param name="Last">The last letter's number.</param>
/// <param name="Acknowledged">All letters up to this number are with the broker.</param>
/// <param name="Seqs">The last sequence number of each camera.</param>
/// <param name="Dropped">Letters that never reached the broker, by reason, since the folder was made.</param>
/// <param name="Owed">Triggers that have no verdict yet.</param>
public sealed record Checkpoint(
    long Last, long Acknowledged, IReadOnlyDictionary<string, long> Seqs, IReadOnlyDictionary<string, long> Dropped, IReadOnlyList<TriggerEntry> Owed);
