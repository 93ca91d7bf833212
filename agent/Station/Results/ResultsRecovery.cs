using System.Text;
using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Results;

/// <summary>Copies the rows that can be read out of a damaged database into a new one.</summary>
internal sealed class ResultsRecovery(SqliteConnection from, SqliteConnection to)
{
    // Numbers of rows begin at 1, or at the milliseconds since 1970 where the database could not be read at a start.
    private const long MaxNumber = 1L << 42;

    private readonly Dictionary<string, long> _copied = new(StringComparer.Ordinal);

    // Tables of which SQLite could not read all.
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    /// <returns>The part of a sentence that says how much came over and what is missing, as far as that can be known.</returns>
    /// <exception cref="SqliteException">The new database cannot be written.</exception>
    public static string Copy(string damaged, SqliteConnection to)
    {
        using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = damaged, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        var recovery = new ResultsRecovery(from, to);
        var isReadable = recovery.IsReadable();
        to.Run("BEGIN IMMEDIATE");
        foreach (var table in to.Read("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", row => row.GetString(0)))
        {
            recovery._copied[table] = isReadable ? recovery.CopyTable(table) : 0;
            if (!isReadable)
                recovery._incomplete.Add(table);
        }

        if (recovery._incomplete.Count > 0)
            recovery.CopyPages(damaged);
        if (!isReadable && recovery._copied.Values.Sum() == 0)
        {
            to.Run("COMMIT");
            return "nothing of it can be read: its verdicts and what waited for the broker are lost";
        }

        var missing = recovery._copied["verdicts"] == 0 && recovery._incomplete.Contains("verdicts")
            ? "how many verdicts are missing cannot be known" : FormattableString.Invariant($"{recovery.Missing()} verdicts are missing by their sequence numbers");
        to.Run("COMMIT");
        return FormattableString.Invariant(
            $"{recovery._copied["verdicts"]} verdicts, {recovery._copied["pending_triggers"]} triggers without one, {recovery._copied["pictures"]} pictures and {recovery._copied["labels"]} labels came over, {missing}");
    }

    private bool IsReadable()
    {
        try
        {
            from.Open();
            return from.Number("SELECT count(*) FROM sqlite_schema") > 0;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private long Missing() => Math.Max(0, to.Number(
        """
        SELECT sum(last - first + 1 - stored - (SELECT count(*) FROM pending_triggers p WHERE p.camera = c.camera AND p.seq BETWEEN first AND last))
        FROM (
            SELECT v.camera, min(v.seq) AS first, max(max(v.seq), coalesce(max(s.seq), 0)) AS last, count(*) AS stored
            FROM verdicts v LEFT JOIN sequences s ON s.camera = v.camera GROUP BY v.camera) c
        """));

    private long CopyTable(string table)
    {
        var stored = Columns(from, table).Select(c => c.Name).ToList();
        var columns = Columns(to, table).Where(c => stored.Contains(c.Name)).ToList();
        if (columns.Count == 0)
            return 0;
        var copy = new TableCopy(from, to, table, [.. columns.Select(c => c.Name)], [.. columns.Where(c => c.IsKey).Select(c => c.Name)]);
        copy.Run(MaxNumber);
        if (!copy.IsWhole)
            _incomplete.Add(table);
        return copy.Copied;
    }

    /// <summary>Copies verdicts, pictures and labels from the pages of the file, where SQLite does not find the way to them: their table's top page, or the file's first, is damaged.</summary>
    private void CopyPages(string damaged)
    {
        try
        {
            // What is only in the side file is brought into the file.
            from.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            // Then that part cannot be read so.
        }

        from.Close();
        var copies = ((string[])["verdicts", "pictures", "labels"]).Where(_incomplete.Contains).Select(table => new TableCopy(from, to, table, [.. Columns(to, table).Select(c => c.Name)], ["number"])).ToList();
        try
        {
            using var pages = new LeafPages(damaged);
            foreach (var (number, values) in copies.Count == 0 ? [] : pages.Rows())
                copies.FirstOrDefault(copy => copy.IsRow(values))?.Add(number, values);
        }
        catch (IOException)
        {
            // What was found until then counts.
        }

        foreach (var copy in copies)
            _copied[copy.Table] += copy.Copied;
    }

    private static List<(string Name, bool IsKey)> Columns(SqliteConnection connection, string table)
    {
        try
        {
            return connection.Read("SELECT name, pk > 0 FROM pragma_table_info($1)", row => (row.GetString(0), row.GetBoolean(1)), table);
        }
        catch (SqliteException)
        {
            return [];
        }
    }

    /// <summary>Copies one table: from its start, from its end, and, where its rows are numbered, from between bad pages.</summary>
    private sealed class TableCopy(SqliteConnection from, SqliteConnection to, string table, string[] columns, string[] keys)
    {
        private readonly string _select = $"SELECT {string.Join(", ", columns)} FROM {table}";
        private readonly string _insert = $"INSERT OR IGNORE INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))})";
        private readonly int _number = keys is ["number"] ? Array.IndexOf(columns, "number") : -1;
        private readonly int _message = Array.IndexOf(columns, "message"), _checksum = Array.IndexOf(columns, "checksum");
        private long _last;

        public string Table => table;

        public long Copied { get; private set; }

        public bool IsWhole { get; private set; }

        public void Run(long maxNumber)
        {
            IsWhole = Scan($"ORDER BY {string.Join(", ", keys)}");
            if (IsWhole)
                return;
            if (_number >= 0)
                StepOver(maxNumber);
            Scan($"ORDER BY {string.Join(", ", keys.Select(key => key + " DESC"))}");
        }

        /// <summary>Finds the rows behind a bad page by ever longer steps over it, and those just behind it from there backwards.</summary>
        private void StepOver(long maxNumber)
        {
            var isAtEnd = false;
            for (var step = 1L; step < maxNumber && !isAtEnd; step *= 2)
            {
                var (before, start) = (_last, _last + step);
                isAtEnd = Scan($"WHERE number >= {start} ORDER BY number");
                if (_last == before)
                    continue;
                Scan($"WHERE number > {before} AND number < {start} ORDER BY number DESC");
                step = 1;
            }
        }

        /// <summary>Returns true for the values of a row of this table, by their number and by those that have few or checked forms.</summary>
        public bool IsRow(List<object> values) => values.Count <= columns.Length && values[0] is DBNull && table switch
        {
            "verdicts" => values.Count > _checksum && values[1] is string id && Guid.TryParseExact(id, "D", out _) && values[_message] is string message && (values[_checksum] is long || message.Contains(id, StringComparison.Ordinal)),
            "pictures" => values.Count == columns.Length && values[1] is string id && Guid.TryParseExact(id, "D", out _) && values[2] is "frame" or "heatmap",
            "labels" => values.Count >= 6 && values[1] is string id && Guid.TryParseExact(id, "D", out _) && values[2] is "good" or "bad" or "unsure",
            _ => false,
        };

        /// <summary>Adds a row that was read without SQLite, unless it is there.</summary>
        public void Add(long number, List<object> values)
        {
            // Columns that came with later versions of the tables are not in older rows.
            object[] row = [number, .. values[1..], .. Enumerable.Repeat<object>(DBNull.Value, columns.Length - values.Count)];
            Copied += number > 0 && Fits(row) ? Insert(row) : 0;
        }

        /// <returns>False where the scan ended at a page that cannot be read.</returns>
        private bool Scan(string order)
        {
            using var command = from.CreateCommand();
            command.CommandText = $"{_select} {order}";
            var values = new object[columns.Length];
            try
            {
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    reader.GetValues(values);
                    if (_number >= 0)
                        _last = Math.Max(_last, (long)values[_number]);
                    Copied += Fits(values) ? Insert(values) : 0;
                }

                return true;
            }
            catch (SqliteException e) when (e.SqliteErrorCode is not 13)
            {
                return false;
            }
        }

        /// <summary>Returns false for a message that does not fit its checksum.</summary>
        private bool Fits(object[] row) =>
            _checksum < 0 || row[_checksum] is not long checksum || (row[_message] is string message && VerdictWriter.Checksum(Encoding.UTF8.GetBytes(message)) == checksum);

        private int Insert(object[] row)
        {
            try
            {
                return to.Run(_insert, row);
            }
            catch (SqliteException e) when (e.SqliteErrorCode == 19)
            {
                // A value of another type than its column's: this row is damaged.
                return 0;
            }
        }
    }
}
