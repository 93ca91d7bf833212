using System.Text.Json;
using Microsoft.Data.Sqlite;
using MrfAd.Station.History;

namespace MrfAd.Station.Statistics;

/// <summary>Reads and writes the points of the control charts.</summary>
internal static class ChartTable
{
    private const string Columns =
        "number, camera, product, phase, at, parts, ng, median, share_center, share_z, share_rule, median_center, median_sigma, median_z, median_rule";

    /// <summary>Loads a chart as its last part left it.</summary>
    public static ControlChart Load(SqliteConnection connection, string camera, string product, int parts)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT state FROM chart_open WHERE camera = $camera AND product = $product";
        Bind(command, camera, product);
        var state = command.ExecuteScalar() is string text ? JsonSerializer.Deserialize<ChartState>(text)! : new ChartState();
        return new ControlChart(camera, product, parts, state, Last(connection, camera, product, ControlChart.Memory));
    }

    /// <returns>The last points of a chart, the oldest first.</returns>
    public static List<ChartPoint> Last(SqliteConnection connection, string camera, string product, int count)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM chart_points WHERE camera = $camera AND product = $product ORDER BY number DESC LIMIT $count";
        Bind(command, camera, product);
        command.Parameters.AddWithValue("$count", count);
        var points = Read(command);
        points.Reverse();
        return points;
    }

    /// <returns>The last points of a time, the oldest first.</returns>
    /// <param name="signalsOnly">Only points that signal.</param>
    public static List<ChartPoint> Within(SqliteConnection connection, string camera, string product, TimeRange time, int count, bool signalsOnly)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {Columns} FROM chart_points WHERE camera = $camera AND product = $product AND at >= $from AND at < $to{(signalsOnly ? " AND (share_rule <> 0 OR median_rule <> 0)" : "")} ORDER BY at DESC, number DESC LIMIT $count";
        Bind(command, camera, product);
        command.Parameters.AddWithValue("$from", time.From);
        command.Parameters.AddWithValue("$to", time.To);
        command.Parameters.AddWithValue("$count", count);
        var points = Read(command);
        points.Reverse();
        return points;
    }

    /// <returns>The cameras and products that have a chart.</returns>
    public static List<(string Camera, string Product)> Charts(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT camera, product FROM chart_open";
        using var reader = command.ExecuteReader();
        var charts = new List<(string, string)>();
        while (reader.Read())
            charts.Add((reader.GetString(0), reader.GetString(1)));
        return charts;
    }

    public static void Insert(SqliteConnection connection, ChartPoint point)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO chart_points ({Columns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        object?[] values =
        [
            point.Number, point.Camera, point.Product, point.Phase, point.At.ToUnixTimeMilliseconds(), point.Parts, point.Ng, point.Median,
            point.ShareCenter, point.ShareZ, point.ShareRule, point.MedianCenter, point.MedianSigma, point.MedianZ, point.MedianRule,
        ];
        foreach (var (i, value) in values.Index())
            command.Parameters.AddWithValue(FormattableString.Invariant($"${i}"), value ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    /// <summary>Saves the parts of a chart's next point.</summary>
    public static void Save(SqliteConnection connection, string camera, string product, ChartState state)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO chart_open VALUES ($camera, $product, $state)";
        Bind(command, camera, product);
        command.Parameters.AddWithValue("$state", JsonSerializer.Serialize(state));
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, string camera, string product)
    {
        command.Parameters.AddWithValue("$camera", camera);
        command.Parameters.AddWithValue("$product", product);
    }

    private static List<ChartPoint> Read(SqliteCommand command)
    {
        using var row = command.ExecuteReader();
        var points = new List<ChartPoint>();
        while (row.Read())
        {
            points.Add(new ChartPoint
            {
                Number = row.GetInt64(0),
                Camera = row.GetString(1),
                Product = row.GetString(2),
                Phase = row.GetString(3),
                At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                Parts = row.GetInt32(5),
                Ng = row.GetInt32(6),
                Median = row.GetDouble(7),
                ShareCenter = Number(row, 8),
                ShareZ = Number(row, 9),
                ShareRule = row.GetInt32(10),
                MedianCenter = Number(row, 11),
                MedianSigma = Number(row, 12),
                MedianZ = Number(row, 13),
                MedianRule = row.GetInt32(14),
            });
        }

        return points;
    }

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
