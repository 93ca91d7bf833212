using System.Text.Json;

namespace MrfAd.Station.Outbox;

/// <content>Writes records from memory to disk, in batches.</content>
public sealed partial class Journal
{
    // errno: no space left on device, disk quota exceeded.
    private const int NoSpace = 28, QuotaExceeded = 122;

    // A full disk is tried again at this interval, not at each verdict.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Writes all unsaved records unless another thread has written this one meanwhile: one sync serves many callers.</summary>
    private void Save(JournalLine line)
    {
        lock (_disk)
        {
            if (!line.IsSaved)
                TryWrite();
        }
    }

    private void TryWrite()
    {
        JournalLine[] batch;
        OutboxMessage[] added;
        lock (_index)
            (batch, added) = ([.. _unsaved], [.. _added]);

        if (batch.Length > 0 && (Error is null || clock.GetElapsedTime(_triedAt) > RetryDelay))
            SetError(Write(batch));
        lock (_index)
        {
            foreach (var message in added)
                Index(message);
            _added.RemoveRange(0, added.Length);
        }

        if (Error is not null)
            LimitMemory();
    }

    /// <returns>The error, or null where the batch was written.</returns>
    private IOException? Write(JournalLine[] batch)
    {
        _triedAt = clock.GetTimestamp();
        while (true)
        {
            try
            {
                WriteAll(batch);
                return null;
            }
            catch (IOException e)
            {
                log.Abandon();
                if (e.HResult is not (NoSpace or QuotaExceeded) || !makeRoom())
                    return e;
            }
        }
    }

    private void WriteAll(JournalLine[] batch)
    {
        var places = new LogPlace[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            if (log.IsFull || clock.GetUtcNow() - _segmentSince > options.Age / 16)
                BeginSegment(batch[..i]);
            log.Append(batch[i].Kind, batch[i].Number, batch[i].Body, out places[i]);
        }

        var sync = Array.Exists(batch, line => line.Kind != RecordKind.Acknowledged);
        var start = clock.GetTimestamp();
        log.Flush(sync);
        if (sync)
            Synced?.Invoke(clock.GetElapsedTime(start));
        lock (_index)
        {
            foreach (var (line, place) in batch.Zip(places))
                line.Saved(place);
            _unsaved.RemoveAll(line => line.IsSaved);
        }
    }

    /// <param name="before">The records of this batch that are in the segment that ends. Triggers whose verdicts are among them are no longer pending, though the index does not know it yet.</param>
    private void BeginSegment(JournalLine[] before)
    {
        Expire();
        var answered = before.Select(line => line.Message?.Headers.Id ?? Guid.Empty);
        Checkpoint now;
        lock (_index)
            now = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(_seqs), new Dictionary<string, long>(_dropped), [.. _pending.Values.ExceptBy(answered, t => t.Id)]);
        log.Begin();
        log.Append(RecordKind.Checkpoint, now.Last, JsonSerializer.SerializeToUtf8Bytes(now, OutboxJson.Default.Checkpoint), out _);
        _segmentSince = clock.GetUtcNow();
    }

    /// <summary>Stores and raises the error where it has changed; errors with the same code count as the same, though each names another file.</summary>
    private void SetError(Exception? why)
    {
        if (why?.HResult == _errorCode)
            return;
        (Error, _errorCode) = (why?.Message, why?.HResult);
        ErrorChanged?.Invoke(Error);
    }
}
