using System.Globalization;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>The verdicts, and the triggers that have none yet. Verdicts that the broker has stay in the database within the limits, to be replayed.</summary>
public sealed partial class OutboxVerdicts(OutboxOptions options, ResultsStore store, TimeProvider clock) : OutboxMessages("verdict", MaxInMemory, options, store, clock)
{
    // Kept while the disk is full: some 15 MB.
    private const int MaxInMemory = 10_000;

    private const string Columns = "number, topic, camera, seq, id, trigger_id, at, traceparent";

    private readonly Dictionary<Guid, TriggerEntry> _pending = [];
    private readonly List<TriggerEntry> _unsavedTriggers = [];
    private readonly Dictionary<string, long> _seqs = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _inWrite = [];
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long Bytes => Store.Bytes;

    protected override string Key => "id";

    /// <summary>A task that completes once the next write has ended.</summary>
    public Task Written
    {
        get
        {
            lock (Sync)
                return _written.Task;
        }
    }

    /// <summary>The pending triggers, which have no verdict yet, in the order in which they came.</summary>
    public IReadOnlyList<TriggerEntry> Pending
    {
        get
        {
            lock (Sync)
                return [.. _pending.Values.OrderBy(t => t.Seq)];
        }
    }

    /// <returns>The last sequence number of the camera; 0 where it has none yet.</returns>
    public long LastSeq(string camera)
    {
        lock (Sync)
            return _seqs.GetValueOrDefault(camera);
    }

    /// <summary>Adds a verdict; a trigger with its id is no longer pending.</summary>
    /// <param name="isView">True where it is a view of a part that is not judged yet.</param>
    public OutboxMessage Add(MessageHeaders headers, VerdictMessage verdict, ReadOnlyMemory<byte> content, string? spots, bool historical, bool isView = false)
    {
        var message = Add((number, now) => new OutboxMessage(number, headers, historical, now) { Content = content, Verdict = verdict, Spots = spots, IsView = isView });
        lock (Sync)
        {
            _pending.Remove(verdict.Id);
            _unsavedTriggers.RemoveAll(t => t.Id == verdict.Id);
            Reach(verdict.Camera, verdict.Seq);
        }

        return message;
    }

    /// <returns>The stored verdicts that fit the command, oldest first.</returns>
    public IReadOnlyList<OutboxMessage> Find(ReplayCommand wanted, int max)
    {
        (string Condition, object? Value)[] all =
        [
            ("id = ", wanted.Id?.ToString()), ("trigger_id = ", wanted.Trigger), ("camera = ", wanted.Camera), ("seq >= ", wanted.FromSeq), ("seq <= ", wanted.ToSeq),
            ("at >= ", wanted.From?.ToUnixTimeMilliseconds()), ("at < ", wanted.To?.ToUnixTimeMilliseconds()),
        ];
        var given = all.Where(c => c.Value is not null).Append(("number > ", -1L)).ToArray();
        var where = string.Join(" AND ", given.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"{c.Item1}${i + 1}")));
        List<OutboxMessage> unsaved;
        lock (Sync)
            unsaved = [.. UnsavedMessages.Where(m => m.Delivery != Delivery.Dropped && Fits(wanted, m.Headers))];
        return [.. Query($"{where} ORDER BY number LIMIT {max}", [.. given.Select(c => c.Item2)]).Concat(unsaved).DistinctBy(m => m.Headers.Id).Take(max)];
    }

    /// <returns>The messages of the last verdicts as they were published, oldest first; none where the disk cannot be read.</returns>
    public IReadOnlyList<string> Latest(int max) =>
        Rows("SELECT message FROM (SELECT number, message FROM verdicts ORDER BY number DESC LIMIT $1) ORDER BY number", row => row.GetString(0), max);

    public override ReadOnlyMemory<byte>? Content(OutboxMessage message)
    {
        return message.Content ?? Rows("SELECT message, checksum FROM verdicts WHERE number = $1", row => Content(row, 0), message.Number).FirstOrDefault();
    }

    public override void Open(SqliteConnection connection)
    {
        base.Open(connection);
        foreach (var trigger in connection.Read(
            "SELECT verdict_id, seq, camera, trigger_id, source, at, serial, meta, product, traceparent, part FROM pending_triggers", Trigger))
        {
            _pending[trigger.Id] = trigger;
            Reach(trigger.Camera, trigger.Seq);
        }

        // The table of sequence numbers may have been lost to damage.
        foreach (var (camera, seq) in connection.Read(
            "SELECT camera, seq FROM sequences UNION ALL SELECT camera, max(seq) FROM (SELECT camera, seq FROM verdicts ORDER BY number DESC LIMIT 1000) GROUP BY camera",
            row => (row.GetString(0), row.GetInt64(1))))
            Reach(camera, seq);
    }

    public override Action Write(SqliteConnection connection, bool isDue)
    {
        TriggerEntry[] triggers;
        KeyValuePair<string, long>[] seqs;
        lock (Sync)
        {
            // The number of a trigger is in its own row, and in that of its verdict; the table is for the time when both are gone.
            (triggers, seqs) = ([.. _unsavedTriggers], isDue ? [.. _seqs] : []);
            _inWrite.Add(_written);
            _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        foreach (var t in triggers)
        {
            connection.Run(
                "INSERT OR REPLACE INTO pending_triggers (verdict_id, camera, seq, trigger_id, source, at, serial, meta, product, traceparent, part) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                t.Id.ToString(), t.Camera, t.Seq, t.Trigger, t.Source, t.At.ToUnixTimeMilliseconds(), t.Part?.Serial, t.Part?.Meta?.Json, t.Product, t.Traceparent, t.Part?.Id);
        }

        var done = base.Write(connection, isDue);
        foreach (var (camera, seq) in seqs)
            connection.Run("INSERT INTO sequences VALUES ($1, $2) ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq", camera, seq);
        return () =>
        {
            lock (Sync)
                _unsavedTriggers.RemoveAll(t => triggers.Contains(t));
            done();
        };
    }

    /// <summary>Completes the tasks of the triggers that were written, or that the disk has refused.</summary>
    public void EndWrite()
    {
        lock (Sync)
        {
            _inWrite.ForEach(written => written.TrySetResult());
            _inWrite.Clear();
        }
    }

    public override Action? Expire(SqliteConnection connection)
    {
        var done = base.Expire(connection);
        ForgetTriggers(connection);
        // Pages that rows leave free are used again, so the file does not grow beyond the budget by much.
        while ((connection.Number("PRAGMA page_count") - connection.Number("PRAGMA freelist_count")) * connection.Number("PRAGMA page_size") > Options.VerdictsMb * 1_000_000L
            && Delete(connection, "bytes", $"SELECT number FROM verdicts ORDER BY number LIMIT {RowsAtOnce}") is { } dropped)
            done += dropped;
        if (connection.Number("PRAGMA freelist_count") is var free and > 1000 && free > connection.Number("PRAGMA page_count") / 2)
            connection.Read("PRAGMA incremental_vacuum(500)", _ => 0);
        return done;
    }

    /// <summary>Deletes the oldest verdicts that the broker has, outside a transaction, on the writer's thread.</summary>
    /// <returns>False where there are none, or they cannot be deleted.</returns>
    public bool DropAcknowledged(SqliteConnection connection)
    {
        try
        {
            connection.Run("BEGIN IMMEDIATE");
            var done = Delete(connection, "disk_full", $"SELECT number FROM verdicts WHERE delivery <> 0 ORDER BY number LIMIT {RowsAtOnce}");
            connection.Run("COMMIT");
            // Only now the pages are free to be used again, and the side file gives its room back.
            connection.Read("PRAGMA wal_checkpoint(TRUNCATE)", _ => 0);
            done?.Invoke();
            return done is not null;
        }
        catch (SqliteException)
        {
            Store.Rollback();
            return false;
        }
    }

    protected override Action? Delete(SqliteConnection connection, string reason, string numbers, params ReadOnlySpan<object?> values)
    {
        connection.Run($"INSERT OR REPLACE INTO known_triggers SELECT number, trigger_id, camera, at FROM verdicts WHERE number IN ({numbers})", values);
        return base.Delete(connection, reason, numbers, values);
    }

    protected override void Insert(SqliteConnection connection, OutboxMessage message, Delivery delivery)
    {
        VerdictWriter.Insert(connection, message.Number, message.Verdict!, message.Headers.Topic, delivery, message.Content!.Value.Span, message.Headers.Traceparent, message.IsView);
        connection.Run("DELETE FROM pending_triggers WHERE verdict_id = $1", message.Headers.Id.ToString());
        if (message.Spots is not null)
            connection.Run("INSERT OR REPLACE INTO explanations VALUES ($1, $2)", message.Headers.Id.ToString(), message.Spots);
    }

    protected override List<OutboxMessage> Load(SqliteConnection connection, string topic, long after, int max) => connection.Read(
        $"SELECT {Columns}, message, checksum FROM verdicts WHERE topic = $1 AND number > $2 AND delivery = 0 ORDER BY number LIMIT $3",
        row =>
        {
            var message = Message(row);
            message.Content = Content(row, 8);
            return message;
        },
        topic, after, max);

    protected override void OnDeleted(SqliteConnection connection, IEnumerable<string> rows)
    {
        foreach (var id in rows)
            connection.Run("DELETE FROM explanations WHERE verdict_id = $1", id);
    }

    private List<OutboxMessage> Query(string where, params object?[] values) => Rows($"SELECT {Columns} FROM verdicts WHERE {where}", Message, values);

    private OutboxMessage Message(SqliteDataReader row)
    {
        var headers = new MessageHeaders
        {
            ContentType = "application/json",
            Topic = row.GetString(1),
            Camera = row.GetString(2),
            Seq = row.GetInt64(3),
            Id = row.GetGuid(4),
            Trigger = row.GetString(5),
            At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            Traceparent = row.IsDBNull(7) ? null : row.GetString(7),
        };
        return new OutboxMessage(row.GetInt64(0), headers, historical: true, Clock.GetTimestamp()) { IsSaved = true };
    }

    private static bool Fits(ReplayCommand wanted, MessageHeaders verdict) =>
        (wanted.Id ?? verdict.Id) == verdict.Id
        && (wanted.Trigger ?? verdict.Trigger) == verdict.Trigger
        && (wanted.Camera ?? verdict.Camera) == verdict.Camera
        && verdict.Seq >= (wanted.FromSeq ?? long.MinValue) && verdict.Seq <= (wanted.ToSeq ?? long.MaxValue)
        && verdict.At >= (wanted.From ?? DateTimeOffset.MinValue) && verdict.At < (wanted.To ?? DateTimeOffset.MaxValue);

    private void Reach(string camera, long seq) => _seqs[camera] = Math.Max(seq, _seqs.GetValueOrDefault(camera));
}
