using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MrfAd.Station.Outbox;

/// <content>What an earlier run left.</content>
public sealed partial class Journal
{
    /// <summary>Reads what an earlier run left. Once, before all else.</summary>
    /// <returns>The triggers that are owed a verdict, in the order they came.</returns>
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
                // Whole, and yet not ours: another version wrote it.
                DamagedBytes += LogRecord.Size(record.Body.Length);
            }
        }

        _letters.RemoveAll(letter => !options.KeepsSent && letter.Number <= _acknowledged);
        lock (_disk)
            Forget();
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
            case RecordKind.Letter:
                RecoverMessage(segment, record);
                break;
            case RecordKind.Acknowledged:
                // Its letter may be damaged; a new one under that number would count as sent.
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
        foreach (var owed in checkpoint.Owed)
            RecoverPending(owed);
    }

    private void RecoverMessage(Segment segment, LogRecord record)
    {
        _last = Math.Max(_last, record.Number);
        var label = Read(OutboxMessageBody.LabelOf(record.Body), OutboxJson.Default.Label);
        var place = new LogPlace(segment, record.Offset, LogRecord.Size(record.Body.Length));
        _pending.Remove(label.Id);
        if (_letters.Count == 0 || record.Number > _letters[^1].Number)
            Keep(new Letter(record.Number, label, late: true, clock.GetTimestamp()) { Place = place, IsRecovered = true });
    }

    /// <summary>After a failed write a record may be there twice, the second time behind its verdict.</summary>
    private void RecoverPending(TriggerEntry trigger)
    {
        if (_triggers.GetValueOrDefault((trigger.Camera, trigger.Trigger))?.Label.Id != trigger.Id)
            Owe(trigger);
    }

    private static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("null");
}
