using Microsoft.Data.Sqlite;
using MrfAd.Station.History;
using MrfAd.Station.Statistics;

namespace MrfAd.Station.Review;

/// <summary>The parts that were called good or bad, and the number of all parts that they stand for.</summary>
public sealed record LabelledParts
{
    /// <summary>The parts that were called good or bad; those called unsure say nothing.</summary>
    public required IReadOnlyList<LabelledPart> Parts { get; init; }

    /// <summary>The number of all NG parts in the scope.</summary>
    public required long Ng { get; init; }

    /// <summary>The number of all OK parts in the scope.</summary>
    public required long Ok { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="bankVersion">The bank that judged; null for all.</param>
    public static LabelledParts Read(SqliteConnection connection, StatisticsQuery statistics, StatisticsScope scope, long? bankVersion)
    {
        var counts = statistics.Counts(scope, Period.Day);
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT v.verdict, v.score, v.threshold, l.label, l.queue, v.camera, coalesce(v.product, ''), v.bank_version FROM labels l JOIN verdicts v ON v.id = l.verdict_id
            WHERE l.label IN ('good', 'bad') AND l.number = (SELECT max(n.number) FROM labels n WHERE n.verdict_id = l.verdict_id)
                AND v.at >= $from AND v.at < $to AND v.score IS NOT NULL AND v.threshold IS NOT NULL
            """;
        command.Parameters.AddWithValue("$from", scope.Time.From);
        command.Parameters.AddWithValue("$to", scope.Time.To);
        using var row = command.ExecuteReader();
        var parts = new List<LabelledPart>();
        while (row.Read())
        {
            if ((scope.Camera is not null && row.GetString(5) != scope.Camera) || (scope.Product is not null && row.GetString(6) != scope.Product))
                continue;
            if (bankVersion is not null && (row.IsDBNull(7) || row.GetInt64(7) != bankVersion))
                continue;
            var isNg = row.GetString(0) == "NG";
            var isSample = isNg || (!row.IsDBNull(4) && row.GetString(4) == ReviewQueues.Sample);
            parts.Add(new LabelledPart(isNg, row.GetDouble(1), row.GetDouble(2), row.GetString(3) == PartLabels.Bad, isSample));
        }

        return new LabelledParts { Parts = parts, Ng = counts.Sum(c => c.Ng), Ok = counts.Sum(c => c.Ok) };
    }
}
