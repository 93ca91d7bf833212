using System.Text.Json;

namespace MrfAd.Station.Outbox;

/// <content>From memory to disk, in batches.</content>
public sealed partial class Journal
{
    // errno: no space left on device, disk quota exceeded.
    private const int NoSpace = 28, QuotaExceeded = 122;

    // A disk that is full is tried again this often, not at each verdict.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Whoever comes first writes for all who wait: one sync for many.</summary>
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
        Letter[] added;
        lock (_index)
            (batch, added) = ([.. _unsaved], [.. _added]);

        if (batch.Length > 0 && (Trouble is null || clock.GetElapsedTime(_triedAt) > RetryDelay))
            Complain(Write(batch));
        lock (_index)
        {
            foreach (var letter in added)
                Keep(letter);
            _added.RemoveRange(0, added.Length);
        }

        if (Trouble is not null)
            LimitMemory();
    }

    /// <returns>Why it could not be written; null where it was.</returns>
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

    /// <param name="before">Of the same batch, in the segment that ends: what its letters give is owed no longer, though they are not indexed yet.</param>
    private void BeginSegment(JournalLine[] before)
    {
        Forget();
        var given = before.Select(line => line.Letter?.Label.Id ?? Guid.Empty);
        Checkpoint now;
        lock (_index)
            now = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(_seqs), new Dictionary<string, long>(_dropped), [.. _pending.Values.ExceptBy(given, t => t.Id)]);
        log.Begin();
        log.Append(RecordKind.Checkpoint, now.Last, JsonSerializer.SerializeToUtf8Bytes(now, OutboxJson.Default.Checkpoint), out _);
        _segmentSince = clock.GetUtcNow();
    }

    /// <summary>The same trouble is told of once, though each try names another file.</summary>
    private void Complain(Exception? why)
    {
        if (why?.HResult == _troubleCode)
            return;
        (Trouble, _troubleCode) = (why?.Message, why?.HResult);
        TroubleChanged?.Invoke(Trouble);
    }
}
