using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Statistics;

/// <summary>Sums a number of verdicts, and adds the sums to those that are stored.</summary>
internal sealed class FoldBatch(SqliteConnection read, int chartParts)
{
    private readonly Dictionary<(QuarterKey Key, string Verdict, string Cause), long> _counts = [];
    private readonly Dictionary<QuarterKey, (LogHistogram Scores, double Threshold)> _scores = [];
    private readonly Dictionary<QuarterKey, StageHistograms> _stages = [];
    private readonly Dictionary<QuarterKey, RegionGrid> _regions = [];
    private readonly Dictionary<(string Camera, string Product), ControlChart> _charts = [];
    private readonly List<ChartPoint> _points = [];

    /// <summary>The number of the last verdict.</summary>
    public long Last { get; private set; }

    /// <summary>The points that the verdicts completed.</summary>
    public IReadOnlyList<ChartPoint> Points => _points;

    /// <summary>Adds a verdict; each must have a higher number than the one before.</summary>
    public void Add(FoldedVerdict verdict)
    {
        Last = verdict.Number;
        var count = (verdict.Key, verdict.Verdict, verdict.Cause);
        _counts[count] = _counts.GetValueOrDefault(count) + 1;
        if (verdict.Message is { } message)
        {
            StagesOf(verdict.Key).Add(message.TimingsMs);
            if (message.Frame is { } frame)
            {
                foreach (var region in message.Regions)
                    RegionsOf(verdict.Key).Add(region, frame);
            }
        }

        if (verdict is { Score: { } score, Threshold: { } threshold })
            AddScore(verdict, score, threshold);
    }

    /// <summary>Writes the sums; to be called inside a transaction, and by one fold at a time.</summary>
    public void Write(SqliteConnection connection)
    {
        foreach (var (count, n) in _counts)
        {
            Execute(
                connection, "INSERT INTO quarter_counts VALUES ($0, $1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET count = count + excluded.count",
                count.Key.Quarter, count.Key.Camera, count.Key.Product, count.Verdict, count.Cause, n);
        }

        foreach (var (key, (scores, threshold)) in _scores)
            Execute(connection, "INSERT OR REPLACE INTO quarter_scores VALUES ($0, $1, $2, $3, $4)", key.Quarter, key.Camera, key.Product, threshold, Bytes(scores.Write));
        foreach (var (key, stages) in _stages)
            Execute(connection, "INSERT OR REPLACE INTO quarter_stages VALUES ($0, $1, $2, $3)", key.Quarter, key.Camera, key.Product, Bytes(stages.Write));
        foreach (var (key, regions) in _regions)
            Execute(connection, "INSERT OR REPLACE INTO quarter_regions VALUES ($0, $1, $2, $3)", key.Quarter, key.Camera, key.Product, Bytes(regions.Write));
        foreach (var point in _points)
            ChartTable.Insert(connection, point);
        foreach (var ((camera, product), chart) in _charts)
            ChartTable.Save(connection, camera, product, chart.State);
        Execute(connection, "UPDATE folded SET number = $0", Last);
    }

    private void AddScore(FoldedVerdict verdict, double score, double threshold)
    {
        var scores = _scores.TryGetValue(verdict.Key, out var known) ? known.Scores : Stored(verdict.Key, "quarter_scores", "scores", new LogHistogram(), (h, bytes) => h.Add(ref bytes));
        scores.Add(score);
        _scores[verdict.Key] = (scores, threshold);
        var place = (verdict.Key.Camera, verdict.Key.Product);
        if (!_charts.TryGetValue(place, out var chart))
            _charts[place] = chart = ChartTable.Load(read, place.Camera, place.Product, chartParts);
        if (chart.Add(verdict.Number, verdict.At, verdict.Phase, verdict.IsNg, score) is { } point)
            _points.Add(point);
    }

    private StageHistograms StagesOf(QuarterKey key) => _stages.TryGetValue(key, out var known)
        ? known
        : _stages[key] = Stored(key, "quarter_stages", "stages", new StageHistograms(), (h, bytes) => h.Add(bytes));

    private RegionGrid RegionsOf(QuarterKey key) => _regions.TryGetValue(key, out var known)
        ? known
        : _regions[key] = Stored(key, "quarter_regions", "cells", new RegionGrid(), (g, bytes) => g.Add(bytes));

    /// <summary>Reads the stored sums of a quarter, to which those of the batch are added.</summary>
    private T Stored<T>(QuarterKey key, string table, string column, T sums, Action<T, ReadOnlySpan<byte>> add)
    {
        using var command = Command(read, $"SELECT {column} FROM {table} WHERE quarter = $0 AND camera = $1 AND product = $2", key.Quarter, key.Camera, key.Product);
        if (command.ExecuteScalar() is byte[] bytes)
            add(sums, bytes);
        return sums;
    }

    private static byte[] Bytes(Action<List<byte>> write)
    {
        var bytes = new List<byte>();
        write(bytes);
        return [.. bytes];
    }

    private static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(connection, sql, values);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(FormattableString.Invariant($"${i}"), values[i]);
        return command;
    }
}
