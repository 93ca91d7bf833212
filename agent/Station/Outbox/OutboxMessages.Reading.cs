using System.Text;
using Microsoft.Data.Sqlite;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <content>Reads from the database.</content>
public abstract partial class OutboxMessages
{
    /// <returns>The payload; null where it does not fit its checksum.</returns>
    protected static ReadOnlyMemory<byte>? Content(SqliteDataReader row, int column)
    {
        var content = Encoding.UTF8.GetBytes(row.GetString(column));
        return row.IsDBNull(column + 1) || VerdictWriter.Checksum(content) == row.GetInt64(column + 1) ? content : default(ReadOnlyMemory<byte>?);
    }

    /// <returns>The rows of a query; none where the disk cannot be read.</returns>
    protected List<T> Rows<T>(string query, Func<SqliteDataReader, T> row, params object?[] values)
    {
        try
        {
            return store.Read(connection => connection.Read(query, row, values));
        }
        catch (SqliteException)
        {
            // The writer reports the disk; what only the database knows is unknown meanwhile.
            return [];
        }
    }

    /// <summary>Returns how long ago this run has added the message, by its number, however the clock was set since; null where an earlier run did.</summary>
    protected TimeSpan? AgeInThisRun(long number)
    {
        lock (Sync)
            return number < _first ? null : clock.GetElapsedTime(_marks[Math.Max(0, _marks.FindLastIndex(m => m.Number <= number))].Timestamp);
    }

    /// <summary>Returns true for a trigger or part that is not older than <c>outbox.trigger_memory</c>.</summary>
    /// <param name="at">The time by which its age counts where an earlier run has added it, in milliseconds since 1970 UTC.</param>
    protected bool IsKnown(long number, long at) => (AgeInThisRun(number) ?? TimeSpan.FromMilliseconds(Math.Abs(clock.GetUtcNow().ToUnixTimeMilliseconds() - at))) < options.TriggerMemory;

    private bool TryLoad(string topic, long after, out List<OutboxMessage> messages)
    {
        try
        {
            messages = store.Read(connection => Load(connection, topic, after, TopicQueue.MaxLoaded));
            return true;
        }
        catch (SqliteException)
        {
            // The writer reports the disk; what only the database has waits until it can be read.
            messages = [];
            return Error is not null;
        }
    }
}
