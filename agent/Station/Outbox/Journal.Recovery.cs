using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MrfAd.Station.Outbox;

/// <content>Reads the journal that an earlier run left.</content>
public sealed partial class Journal
{
    /// <summary>Reads the journal that an earlier run left. To be called once, before all other members.</summary>
    /// <returns>The pending triggers, which have no verdict yet, in the order in which they came.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<TriggerEntry> Open()
    {
        foreach (var (segment, record) in log.ReadAll((_, bytes) => DamagedBytes += bytes))
        {
            try
            {
                Recover(segment, record);
            }
            catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException)
            {
                // The checksum is right but the content is unknown: another version wrote it.
                DamagedBytes += LogRecord.Size(record.Body.Length);
            }
        }

        _messages.RemoveAll(message => !options.KeepsSent && message.Number <= _acknowledged);
        lock (_disk)
            Expire();
        return [.. _pending.Values.OrderBy(t => t.Seq)];
    }

    private void Recover(Segment segment, LogRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Checkpoint:
                Recover(Read(record.Body, OutboxJson.Default.Checkpoint));
                break;
            case RecordKind.Trigger:
                RecoverPending(Read(record.Body, OutboxJson.Default.TriggerEntry));
                break;
            case RecordKind.Message:
                RecoverMessage(segment, record);
                break;
            case RecordKind.Acknowledged:
                // The record of that message may be damaged; a new message under its number would count as sent.
                _last = Math.Max(_last, record.Number);
                _acknowledged = Math.Max(_acknowledged, record.Number);
                break;
        }
    }

    private void Recover(Checkpoint checkpoint)
    {
        _last = Math.Max(_last, checkpoint.Last);
        _acknowledged = Math.Max(_acknowledged, checkpoint.Acknowledged);
        foreach (var (camera, seq) in checkpoint.Seqs)
            Reach(camera, seq);
        foreach (var (reason, count) in checkpoint.Dropped)
            _dropped[reason] = Math.Max(count, _dropped.GetValueOrDefault(reason));
        foreach (var trigger in checkpoint.Pending)
            RecoverPending(trigger);
    }

    private void RecoverMessage(Segment segment, LogRecord record)
    {
        _last = Math.Max(_last, record.Number);
        var headers = Read(OutboxMessageBody.HeadersOf(record.Body), OutboxJson.Default.MessageHeaders);
        var place = new LogPlace(segment, record.Offset, LogRecord.Size(record.Body.Length));
        _pending.Remove(headers.Id);
        if (_messages.Count == 0 || record.Number > _messages[^1].Number)
            Index(new OutboxMessage(record.Number, headers, historical: true, clock.GetTimestamp()) { Place = place, IsRecovered = true });
    }

    /// <summary>Adds a pending trigger unless its verdict was read already: after a failed write a record may exist twice, the second time behind its verdict.</summary>
    private void RecoverPending(TriggerEntry trigger)
    {
        if (_triggers.GetValueOrDefault((trigger.Camera, trigger.Trigger))?.Headers.Id != trigger.Id)
            AddPending(trigger);
    }

    private static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("null");
}
