using Microsoft.Data.Sqlite;

namespace MrfAd.Station.History;

/// <summary>Reads and writes labels.</summary>
public static class PartLabels
{
    public const string Good = "good", Bad = "bad", Unsure = "unsure";

    /// <summary>The labels that there are.</summary>
    public static IReadOnlyList<string> Known { get; } = [Good, Bad, Unsure];

    /// <returns>The labels of a verdict, the newest first.</returns>
    public static IReadOnlyList<PartLabel> Of(SqliteConnection connection, Guid verdict)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT verdict_id, label, by, note, at, queue FROM labels WHERE verdict_id = $id ORDER BY number DESC";
        command.Parameters.AddWithValue("$id", verdict.ToString());
        using var reader = command.ExecuteReader();
        var labels = new List<PartLabel>();
        while (reader.Read())
            labels.Add(Read(reader));
        return labels;
    }

    /// <summary>Adds a label; earlier ones of the verdict stay.</summary>
    public static void Add(SqliteConnection connection, PartLabel label)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO labels (verdict_id, label, by, note, at, queue) VALUES ($id, $label, $by, $note, $at, $queue)";
        command.Parameters.AddWithValue("$id", label.VerdictId.ToString());
        command.Parameters.AddWithValue("$label", label.Label);
        command.Parameters.AddWithValue("$by", label.By);
        command.Parameters.AddWithValue("$note", (object?)label.Note ?? DBNull.Value);
        command.Parameters.AddWithValue("$at", label.At.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$queue", (object?)label.Queue ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    private static PartLabel Read(SqliteDataReader row) => new()
    {
        VerdictId = Guid.Parse(row.GetString(0)),
        Label = row.GetString(1),
        By = row.GetString(2),
        Note = row.IsDBNull(3) ? null : row.GetString(3),
        At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        Queue = row.IsDBNull(5) ? null : row.GetString(5),
    };
}
