using System.Text.Json.Serialization;

namespace MrfAd.Station.Outbox;

/// <summary>The counts and pending triggers that must outlive the deletion of old segments. It is the first record of each segment.</summary>
/// <param name="Last">The number of the last message.</param>
/// <param name="Acknowledged">The broker has acknowledged all messages up to this number.</param>
/// <param name="Seqs">The last sequence number of each camera.</param>
/// <param name="Dropped">Messages that never reached the broker since the folder was made, counted by reason.</param>
/// <param name="Pending">Triggers that have no verdict yet.</param>
public sealed record Checkpoint(
    long Last, long Acknowledged, IReadOnlyDictionary<string, long> Seqs, IReadOnlyDictionary<string, long> Dropped,
    [property: JsonPropertyName("owed")] IReadOnlyList<TriggerEntry> Pending);
