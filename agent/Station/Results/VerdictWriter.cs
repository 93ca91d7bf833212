using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Station.Results;

/// <summary>Inserts verdicts with one prepared statement.</summary>
public sealed class VerdictWriter : IDisposable
{
    private readonly SqliteCommand _command;

    public VerdictWriter(SqliteConnection connection)
    {
        _command = connection.CreateCommand();
        _command.CommandText =
            """
            INSERT INTO verdicts (number, id, camera, seq, trigger_id, at, verdict, cause, score, threshold, p_value, bank_id, bank_version, total_ms, topic, delivery, message)
            VALUES ($number, $id, $camera, $seq, $trigger, $at, $verdict, $cause, $score, $threshold, $p, $bank, $version, $total, $topic, $delivery, $message)
            """;
    }

    /// <param name="number">The number of the verdict, greater than those of all earlier ones.</param>
    /// <param name="content">The payload as it is published, JSON in UTF-8.</param>
    public void Insert(long number, VerdictMessage verdict, string topic, Delivery delivery, ReadOnlySpan<byte> content)
    {
        Set("$number", number);
        Set("$id", verdict.Id.ToString());
        Set("$camera", verdict.Camera);
        Set("$seq", verdict.Seq);
        Set("$trigger", verdict.Trigger.Id);
        Set("$at", verdict.Trigger.At.ToUnixTimeMilliseconds());
        Set("$verdict", verdict.Verdict.ToText());
        Set("$cause", verdict.Fault?.Kind);
        Set("$score", verdict.Score);
        Set("$threshold", verdict.Threshold);
        Set("$p", verdict.PValue);
        Set("$bank", verdict.Bank?.Id);
        Set("$version", verdict.Bank?.Version);
        Set("$total", verdict.TimingsMs.Total);
        Set("$topic", topic);
        Set("$delivery", (int)delivery);
        Set("$message", System.Text.Encoding.UTF8.GetString(content));
        _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();

    private void Set(string name, object? value)
    {
        if (_command.Parameters.Contains(name))
            _command.Parameters[name].Value = value ?? DBNull.Value;
        else
            _command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }
}
