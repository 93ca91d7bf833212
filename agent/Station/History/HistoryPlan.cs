using Microsoft.Data.Sqlite;

namespace MrfAd.Station.History;

/// <summary>
/// The way to a filter's verdicts. A single column with an index that is in order of time gives them at once. Of several conditions the rarest is taken where it is rare
/// enough to sort; otherwise all columns are looked up in one index that holds them, in steps of a limited size.
/// </summary>
public sealed class HistoryPlan
{
    // So many entries of an index are counted and sorted in a few milliseconds.
    private const int RareRows = 4000;

    // So many entries of the index with all columns are looked at in some 30 ms.
    private const int StepRows = 50_000;

    /// <summary>The columns of an entry.</summary>
    internal const string Columns =
        """
        v.number, v.id, v.camera, v.product, v.seq, v.trigger_id, v.serial, v.at, v.verdict, v.cause, v.score, v.threshold, v.p_value, v.bank_id, v.bank_version, v.total_ms,
        (SELECT l.label FROM labels l WHERE l.verdict_id = v.id ORDER BY l.number DESC LIMIT 1), v.part
        """;

    private const string InTime = "v.at BETWEEN $from AND $last AND (v.at < $cursor_at OR v.number < $cursor)";

    private readonly HistoryConditions _conditions;

    private HistoryPlan(HistoryConditions conditions, string index, bool isStepped)
    {
        (_conditions, IsStepped) = (conditions, isStepped);
        Sql = isStepped
            ? $"""
               SELECT {Columns} FROM (
                   SELECT s.number, s.at FROM (
                       SELECT v.at, v.number, v.camera, v.verdict, v.product, v.bank_version, v.score, v.cause FROM verdicts v INDEXED BY verdicts_filter
                       WHERE {InTime} ORDER BY v.at DESC, v.number DESC LIMIT {StepRows}
                   ) s WHERE 1{conditions.Sql.Replace(" v.", " s.", StringComparison.Ordinal)} LIMIT $limit
               ) k CROSS JOIN verdicts v ON v.number = k.number ORDER BY k.at DESC, k.number DESC
               """
            // The verdicts themselves are read for those of the page alone.
            : $"""
               SELECT {Columns} FROM (SELECT v.number, v.at FROM verdicts v INDEXED BY {index} WHERE {InTime}{conditions.Sql} ORDER BY v.at DESC, v.number DESC LIMIT $limit) k
               CROSS JOIN verdicts v ON v.number = k.number ORDER BY k.at DESC, k.number DESC
               """;
    }

    /// <summary>The statement that reads one page.</summary>
    public string Sql { get; }

    /// <summary>Returns true where one page looks at a limited number of verdicts, and may so end before it is full.</summary>
    public bool IsStepped { get; }

    /// <summary>Chooses the way.</summary>
    public static HistoryPlan Choose(SqliteConnection connection, HistoryFilter filter)
    {
        var conditions = new HistoryConditions(filter);
        if (conditions.Indexes.Count == 0)
            return new HistoryPlan(conditions, "verdicts_filter", isStepped: false);
        if (conditions.Indexes is [{ IsByTime: true } only])
            return new HistoryPlan(conditions, only.Name, isStepped: false);
        var (rarest, rows) = conditions.Indexes.Select(index => (index, Rows: Count(connection, conditions, index, filter.Time))).MinBy(c => c.Rows);
        return rows < RareRows || !conditions.IsInFilterIndex
            ? new HistoryPlan(conditions, rarest.Name, isStepped: false)
            : new HistoryPlan(conditions, "verdicts_filter", isStepped: true);
    }

    /// <summary>Makes the command of one page.</summary>
    public SqliteCommand Command(SqliteConnection connection, TimeRange time, HistoryCursor? before, int limit)
    {
        var command = Bound(connection, Sql, time, before);
        command.Parameters.AddWithValue("$limit", limit);
        return command;
    }

    /// <returns>The last verdict that a stepped page looked at where it was not full; null where it has looked at all.</returns>
    public HistoryCursor? EndOfStep(SqliteConnection connection, TimeRange time, HistoryCursor? before)
    {
        using var command = Bound(
            connection, $"SELECT v.at, v.number FROM verdicts v INDEXED BY verdicts_filter WHERE {InTime} ORDER BY v.at DESC, v.number DESC LIMIT 1 OFFSET {StepRows - 1}", time, before);
        using var reader = command.ExecuteReader();
        return reader.Read() ? new HistoryCursor(reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private SqliteCommand Bound(SqliteConnection connection, string sql, TimeRange time, HistoryCursor? before)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$from", time.From);
        // One upper bound: of two, SQLite may search the index by the wrong one.
        command.Parameters.AddWithValue("$last", Math.Min(time.To - 1, before?.At ?? long.MaxValue));
        command.Parameters.AddWithValue("$cursor_at", before?.At ?? long.MaxValue);
        command.Parameters.AddWithValue("$cursor", before?.Number ?? long.MaxValue);
        _conditions.Bind(command);
        return command;
    }

    private static long Count(SqliteConnection connection, HistoryConditions conditions, HistoryIndex index, TimeRange time)
    {
        using var command = connection.CreateCommand();
        var inTime = index.IsByTime ? " AND v.at >= $from AND v.at < $to" : "";
        command.CommandText = $"SELECT count(*) FROM (SELECT 1 FROM verdicts v INDEXED BY {index.Name} WHERE {index.Condition}{inTime} LIMIT {RareRows})";
        command.Parameters.AddWithValue("$from", time.From);
        command.Parameters.AddWithValue("$to", time.To);
        conditions.Bind(command);
        return (long)command.ExecuteScalar()!;
    }
}
