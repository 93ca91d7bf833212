using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <content>The ids of triggers: those that have no verdict yet, and those that are known for a time.</content>
public sealed partial class OutboxVerdicts
{
    // A known trigger whose verdict was deleted takes some 100 bytes with its index: they get at most half of the budget.
    private const int KnownPerMb = 4000;

    /// <summary>Looks up a trigger by the id that its sender gave it.</summary>
    /// <param name="verdict">The verdict of the trigger; null while it is pending, and once it is no longer kept.</param>
    /// <returns>False where this camera had no trigger of that id, or had it too long ago.</returns>
    public bool TryGetTrigger(string camera, string trigger, out OutboxMessage? verdict)
    {
        lock (Sync)
        {
            verdict = UnsavedMessages.LastOrDefault(m => m.Headers.Trigger == trigger && m.Headers.Camera == camera && m.Delivery != Delivery.Dropped);
            if (verdict is null && _pending.Values.Any(t => t.Trigger == trigger && t.Camera == camera))
                return true;
        }

        verdict ??= Query("trigger_id = $1 AND camera = $2 ORDER BY number DESC LIMIT 1", trigger, camera).FirstOrDefault();
        if (verdict is not null)
            return IsKnown(verdict.Number, verdict.Headers.At.ToUnixTimeMilliseconds());
        return Rows("SELECT number, at FROM known_triggers WHERE trigger_id = $1 AND camera = $2", row => IsKnown(row.GetInt64(0), row.GetInt64(1)), trigger, camera).Contains(true);
    }

    /// <summary>Adds a pending trigger.</summary>
    /// <returns>A task that completes once the next write has ended: the trigger is on disk, or the disk has refused it.</returns>
    public Task Add(TriggerEntry trigger)
    {
        lock (Sync)
        {
            _pending[trigger.Id] = trigger;
            _unsavedTriggers.Add(trigger);
            Reach(trigger.Camera, trigger.Seq);
            return _written.Task;
        }
    }

    /// <summary>Reads a pending trigger. Free fields that damage has made unreadable do not cost the trigger its verdict.</summary>
    private static TriggerEntry Trigger(SqliteDataReader row)
    {
        var serial = row.IsDBNull(6) ? null : row.GetString(6);
        PartMeta? meta = null;
        try
        {
            meta = row.IsDBNull(7) ? null : PartMeta.Parse(row.GetString(7));
        }
        catch (FormatException)
        {
            // The verdict then comes without them.
        }

        return new TriggerEntry(row.GetGuid(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))
        {
            Part = PartInfo.Of(serial, meta, row.IsDBNull(10) ? null : row.GetString(10)),
            Product = row.IsDBNull(8) ? null : row.GetString(8),
            Traceparent = row.IsDBNull(9) ? null : row.GetString(9),
        };
    }

    /// <summary>Deletes the known triggers without a verdict that are too old or too many, the oldest first.</summary>
    private void ForgetTriggers(SqliteConnection connection)
    {
        var last = connection.Number("SELECT max(number) FROM known_triggers") - ((long)KnownPerMb * Options.VerdictsMb);
        List<long> old;
        do
        {
            old = [.. connection.Read($"SELECT number, at FROM known_triggers ORDER BY number LIMIT {RowsAtOnce}", row => (Number: row.GetInt64(0), At: row.GetInt64(1)))
                .Where(t => t.Number <= last || !IsKnown(t.Number, t.At)).Select(t => t.Number)];
            old.ForEach(number => connection.Run("DELETE FROM known_triggers WHERE number = $1", number));
        }
        while (old.Count == RowsAtOnce);
    }
}
