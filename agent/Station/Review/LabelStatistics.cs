using Microsoft.Data.Sqlite;
using MrfAd.Station.History;
using MrfAd.Station.Statistics;

namespace MrfAd.Station.Review;

/// <summary>The rates of false rejects and misses that labels show.</summary>
/// <param name="open">Opens a connection that reads; the caller closes it.</param>
public sealed class LabelStatistics(Func<SqliteConnection> open, StatisticsQuery statistics)
{
    /// <returns>The measured rates of a scope.</returns>
    public MeasuredRates Rates(StatisticsScope scope)
    {
        using var connection = open();
        return new RateEstimator(LabelledParts.Read(connection, statistics, scope, bankVersion: null)).Measure();
    }

    /// <returns>The rates at every threshold, of the bank that judged the newest labelled part: scores of different banks cannot be compared. Empty without labels.</returns>
    public IReadOnlyList<ThresholdChoice> Curve(StatisticsScope scope)
    {
        using var connection = open();
        return Newest(connection, scope) is var (bank, threshold) ? new RateEstimator(LabelledParts.Read(connection, statistics, scope, bank)).Curve(threshold) : [];
    }

    private static (long Bank, double Threshold)? Newest(SqliteConnection connection, StatisticsScope scope)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT v.bank_version, v.threshold FROM labels l JOIN verdicts v ON v.id = l.verdict_id
            WHERE l.label IN ('{PartLabels.Good}', '{PartLabels.Bad}') AND v.at >= $from AND v.at < $to AND ($camera IS NULL OR v.camera = $camera) AND v.threshold IS NOT NULL AND v.bank_version IS NOT NULL
            ORDER BY v.at DESC, v.number DESC LIMIT 1
            """;
        command.Parameters.AddWithValue("$from", scope.Time.From);
        command.Parameters.AddWithValue("$to", scope.Time.To);
        command.Parameters.AddWithValue("$camera", (object?)scope.Camera ?? DBNull.Value);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetDouble(1)) : null;
    }
}
