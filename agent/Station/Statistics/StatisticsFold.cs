using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Statistics;

/// <summary>
/// Folds new verdicts into sums by quarters of an hour and into the control charts. It reads beside the writer and writes only the sums, in one transaction with
/// the number of the last verdict: after a crash nothing is counted twice or left out.
/// </summary>
/// <param name="open">Opens a connection that reads; the caller closes it.</param>
/// <param name="writeAsync">Runs work on the writer, inside its transaction.</param>
/// <param name="chartParts">The number of parts in a point of the control charts.</param>
public sealed class StatisticsFold(Func<SqliteConnection> open, Func<Action<SqliteConnection>, Task> writeAsync, int chartParts) : IDisposable
{
    // So many verdicts are read in some 50 ms.
    private const int BatchSize = 5000;

    private static readonly string[] Tables = ["quarter_counts", "quarter_scores", "quarter_stages", "quarter_regions", "chart_points", "chart_open"];

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Raised with the points of the control charts that new verdicts have completed.</summary>
    public event Action<IReadOnlyList<ChartPoint>>? PointsAdded;

    /// <summary>Folds all verdicts that are not folded yet.</summary>
    /// <returns>Their number.</returns>
    public async Task<long> FoldAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var folded = 0L;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var (batch, count) = ReadBatch();
                if (count == 0)
                    return folded;
                await writeAsync(batch.Write);
                folded += count;
                if (batch.Points.Count > 0)
                    PointsAdded?.Invoke(batch.Points);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Deletes all sums; the next fold makes them anew from the verdicts that are still stored.</summary>
    public Task ClearAsync() => writeAsync(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = string.Concat(Tables.Select(table => $"DELETE FROM {table};")) + "UPDATE folded SET number = 0";
        command.ExecuteNonQuery();
    });

    public void Dispose() => _one.Dispose();

    private (FoldBatch Batch, int Count) ReadBatch()
    {
        using var connection = open();
        var batch = new FoldBatch(connection, chartParts);
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {FoldedVerdict.Columns} FROM verdicts WHERE number > (SELECT number FROM folded) ORDER BY number LIMIT {BatchSize}";
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
            batch.Add(FoldedVerdict.Read(reader));
        return (batch, count);
    }
}
