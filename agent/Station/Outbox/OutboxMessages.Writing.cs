using Microsoft.Data.Sqlite;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <content>Writes to the database and deletes from it, on the writer's thread.</content>
public abstract partial class OutboxMessages
{
    /// <summary>Writes all that is only in memory. Called on the writer's thread; may be called again before the returned action.</summary>
    /// <returns>An action to be called once that is committed.</returns>
    /// <param name="isDue">True where acknowledgements are written too though nothing else changes the same pages.</param>
    public virtual Action Write(SqliteConnection connection, bool isDue)
    {
        (OutboxMessage Message, Delivery Delivery)[] added;
        OutboxMessage[] settled;
        (string, long)[] counts;
        lock (Sync)
        {
            added = [.. _unsaved.Where(CanInsert).Select(m => (m, m.Delivery))];
            settled = isDue || added.Length > 0 ? [.. _settled] : [];
            counts = _countsChanged ? [.. _dropped.Select(d => (d.Key, d.Value))] : [];
        }

        foreach (var (message, delivery) in added)
            Insert(connection, message, delivery);
        foreach (var message in settled)
            connection.Run($"UPDATE {Table} SET delivery = $1 WHERE number = $2", (int)message.Delivery, message.Number);
        foreach (var (reason, count) in counts)
            connection.Run("INSERT INTO drop_counts VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET count = max(count, excluded.count)", what, reason, count);
        return () => Written(added, settled.Length, counts);
    }

    /// <summary>Drops messages that have waited for too long, and deletes rows that have been kept for long enough. Called on the writer's thread.</summary>
    /// <returns>An action to be called once that is committed.</returns>
    public virtual Action? Expire(SqliteConnection connection) =>
        DropOld(connection)
        + Delete(
            connection, "age", $"SELECT number FROM (SELECT number, at, delivery FROM {Table} ORDER BY number LIMIT {RowsAtOnce}) WHERE delivery <> 0 AND at < $1",
            (clock.GetUtcNow() - options.Keep).ToUnixTimeMilliseconds());

    /// <summary>Deletes rows. Messages among them that still wait are dropped.</summary>
    /// <param name="numbers">A query for the numbers of the rows, with its parameters as <paramref name="values"/>.</param>
    /// <returns>An action to be called once that is committed; null where there were no such rows.</returns>
    protected virtual Action? Delete(SqliteConnection connection, string reason, string numbers, params ReadOnlySpan<object?> values)
    {
        var rows = connection.Read(
            $"DELETE FROM {Table} WHERE number IN ({numbers}) RETURNING number, delivery, topic, {Key}", row => (Number: row.GetInt64(0), IsWaiting: row.GetInt32(1) == 0, Topic: row.GetString(2), Key: row.GetString(3)), values);
        OnDeleted(connection, rows.Select(row => row.Key));
        return rows.Count == 0 ? null : () => Drop([.. rows.Where(row => row.IsWaiting).Select(row => (row.Number, row.Topic))], reason);
    }

    /// <summary>Drops messages that have waited for too long; their rows stay.</summary>
    private Action? DropOld(SqliteConnection connection)
    {
        var last = OldNumber();
        if (last <= _droppedTo)
            return null;
        var rows = connection.Read(
            $"UPDATE {Table} SET delivery = 2 WHERE number IN (SELECT number FROM {Table} INDEXED BY {Table}_waiting WHERE delivery = 0 AND number <= $1 LIMIT {RowsAtOnce}) RETURNING number, topic",
            row => (row.GetInt64(0), row.GetString(1)), last);
        return () =>
        {
            if (rows.Count < RowsAtOnce)
                _droppedTo = last;
            Drop(rows, "age");
        };
    }

    private void Drop(List<(long Number, string Topic)> rows, string reason)
    {
        var dropped = 0;
        lock (Sync)
        {
            foreach (var row in rows)
                dropped += !_topics.TryGetValue(row.Topic, out var queue) || Forget(queue, row.Number) ? 1 : 0;
        }

        Drop(dropped, reason);
    }

    private void Written((OutboxMessage Message, Delivery Delivery)[] added, int settled, (string Reason, long Count)[] counts)
    {
        lock (Sync)
        {
            _settled.RemoveRange(0, settled);
            foreach (var (message, delivery) in added)
            {
                message.IsSaved = true;
                if (message.Delivery != delivery)
                    _settled.Add(message);
                if (message.Delivery != Delivery.Waiting || message.Number > _topics[message.Headers.Topic].LoadedTo)
                    message.Content = null;
            }

            _unsaved.RemoveAll(m => m.IsSaved);
            _countsChanged &= counts.Length == 0 || Array.Exists(counts, c => _dropped[c.Reason] != c.Count);
        }
    }

    private bool Forget(TopicQueue queue, long number)
    {
        if (queue.Loaded.Find(m => m.Number == number) is { } loaded)
            return Settle(loaded, Delivery.Dropped);
        if (number <= queue.LoadedTo)
            return false; // it was settled meanwhile
        _waiting--;
        return true;
    }

    /// <summary>Returns the number up to which messages have waited for longer than they may, as this process has known them.</summary>
    private long OldNumber()
    {
        lock (Sync)
        {
            // A message was added within the interval after the mark before it.
            var old = _marks.FindLastIndex(m => clock.GetElapsedTime(m.Timestamp) > options.MaxAge + MarkInterval);
            var last = old < 0 ? -1 : old + 1 < _marks.Count ? _marks[old + 1].Number - 1 : _last;
            _marks.RemoveRange(0, Math.Max(0, old));
            return last;
        }
    }
}
