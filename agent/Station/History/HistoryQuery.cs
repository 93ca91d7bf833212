using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>Reads stored verdicts, the newest first.</summary>
/// <param name="open">Opens a connection that reads; the caller closes it.</param>
public sealed class HistoryQuery(Func<SqliteConnection> open, ShiftCalendar calendar)
{
    /// <summary>The maximum number of verdicts in a page.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Reads one page.</summary>
    /// <param name="before">The place where the last page ended; null for the first one.</param>
    /// <param name="limit">The maximum number of verdicts.</param>
    public HistoryPage Page(HistoryFilter filter, HistoryCursor? before, int limit)
    {
        using var connection = open();
        var plan = HistoryPlan.Choose(connection, filter);
        var found = new List<HistoryEntry>();
        foreach (var time in Times(connection, filter, before))
        {
            Read(connection, plan, time, before, limit - found.Count, found);
            if (found.Count == limit)
                return new HistoryPage { Verdicts = found, Next = CursorOf(found[^1]).ToString(), SearchedTo = found[^1].At };
            if (plan.IsStepped && plan.EndOfStep(connection, time, before) is { } end)
                return new HistoryPage { Verdicts = found, Next = end.ToString(), SearchedTo = DateTimeOffset.FromUnixTimeMilliseconds(end.At) };
        }

        return new HistoryPage { Verdicts = found };
    }

    /// <summary>Reads all verdicts of a filter, page by page, so that memory stays constant and no long transaction holds up the writer.</summary>
    public IEnumerable<HistoryEntry> All(HistoryFilter filter, CancellationToken cancellation)
    {
        HistoryCursor? before = null;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var page = Page(filter, before, MaxLimit);
            foreach (var entry in page.Verdicts)
                yield return entry;
            before = page.Next is { } next ? HistoryCursor.Parse(next) : null;
        }
        while (before is not null);
    }

    /// <inheritdoc cref="All"/>
    public async IAsyncEnumerable<HistoryEntry> AllAsync(HistoryFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var entry in All(filter, cancellation))
            yield return entry;
        await Task.CompletedTask;
    }

    /// <returns>The stored verdict with an id, as it was published; null where there is none.</returns>
    public StoredVerdict? Find(Guid id)
    {
        using var connection = open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT v.number, v.message, e.spots FROM verdicts v LEFT JOIN explanations e ON e.verdict_id = v.id WHERE v.id = $id";
        command.Parameters.AddWithValue("$id", id.ToString());
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            return null;
        var (number, message, spots) = (reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        reader.Close();
        return new StoredVerdict { Number = number, Message = message, Spots = spots, Pictures = Pictures(connection, id), Labels = PartLabels.Of(connection, id) };
    }

    /// <returns>The cameras, products, causes and bank versions that are stored, which a page offers for choice.</returns>
    public HistoryChoices Choices()
    {
        using var connection = open();
        return new HistoryChoices
        {
            Cameras = Distinct(connection, "camera", "verdicts_camera"),
            Products = Distinct(connection, "product", "verdicts_product"),
            Causes = Distinct(connection, "cause", "verdicts_cause"),
            BankVersions = [.. Distinct(connection, "bank_version", "verdicts_bank").Select(v => long.Parse(v, System.Globalization.CultureInfo.InvariantCulture))],
            Shifts = [.. calendar.Names],
            TimeZone = calendar.Zone.Id,
        };
    }

    /// <summary>Returns the times of a filter, the latest first: one, or one for each day of a named shift.</summary>
    private IEnumerable<TimeRange> Times(SqliteConnection connection, HistoryFilter filter, HistoryCursor? before)
    {
        if (filter.Shift is not { } shift)
            return [filter.Time];
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT min(at), max(at) FROM (SELECT at FROM (SELECT at FROM verdicts ORDER BY at LIMIT 1) UNION ALL SELECT at FROM (SELECT at FROM verdicts ORDER BY at DESC LIMIT 1))";
        using var reader = command.ExecuteReader();
        if (!reader.Read() || reader.IsDBNull(0))
            return [];
        var stored = new TimeRange(reader.GetInt64(0), Math.Min(reader.GetInt64(1), before?.At ?? long.MaxValue) + 1).Within(filter.Time);
        return stored.IsEmpty ? [] : calendar.Shifts(stored).Where(s => s.Name == shift).Select(s => s.Time.Within(filter.Time)).Reverse();
    }

    private static void Read(SqliteConnection connection, HistoryPlan plan, TimeRange time, HistoryCursor? before, int limit, List<HistoryEntry> into)
    {
        using var command = plan.Command(connection, time, before, limit);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            into.Add(Entry(reader));
    }

    /// <summary>Reads an entry from the columns of a plan's statement.</summary>
    internal static HistoryEntry Entry(SqliteDataReader row) => new()
    {
        Number = row.GetInt64(0),
        Id = Guid.Parse(row.GetString(1)),
        Camera = row.GetString(2),
        Product = Text(row, 3),
        Seq = row.GetInt64(4),
        TriggerId = row.GetString(5),
        Serial = Text(row, 6),
        At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        Verdict = Enum.Parse<Verdict>(row.GetString(8), ignoreCase: true),
        Cause = Text(row, 9),
        Score = Number(row, 10),
        Threshold = Number(row, 11),
        PValue = Number(row, 12),
        BankId = Text(row, 13),
        BankVersion = row.IsDBNull(14) ? null : row.GetInt64(14),
        TotalMs = row.GetDouble(15),
        Label = Text(row, 16),
        Part = Text(row, 17),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static HistoryCursor CursorOf(HistoryEntry entry) => new(entry.At.ToUnixTimeMilliseconds(), entry.Number);

    private static List<StoredPicture> Pictures(SqliteConnection connection, Guid id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT kind, file, content_type FROM pictures WHERE verdict_id = $id ORDER BY kind";
        command.Parameters.AddWithValue("$id", id.ToString());
        using var reader = command.ExecuteReader();
        var pictures = new List<StoredPicture>();
        while (reader.Read())
            pictures.Add(new StoredPicture(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return pictures;
    }

    /// <summary>Skips from value to value through an index: one look-up for each value, whatever the number of verdicts.</summary>
    private static List<string> Distinct(SqliteConnection connection, string column, string index)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            WITH RECURSIVE known(value) AS (
                SELECT (SELECT min({column}) FROM verdicts INDEXED BY {index} WHERE {column} IS NOT NULL)
                UNION ALL
                SELECT (SELECT min({column}) FROM verdicts INDEXED BY {index} WHERE {column} > known.value AND {column} IS NOT NULL) FROM known WHERE known.value IS NOT NULL
            )
            SELECT value FROM known WHERE value IS NOT NULL LIMIT 1000
            """;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
            values.Add(reader.GetString(0));
        return values;
    }
}
