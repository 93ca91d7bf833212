using Microsoft.Data.Sqlite;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.History;

/// <summary>A results database in a temporary folder, with generated verdicts.</summary>
internal sealed class HistoryLab : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public HistoryLab(int verdicts = 0, GeneratedLine? line = null, StatisticsOptions? options = null)
    {
        Line = line ?? new GeneratedLine();
        Store = new ResultsStore(_folder.Path, TimeProvider.System);
        Calendar = new ShiftCalendar(options ?? new StatisticsOptions());
        History = new HistoryQuery(Store.OpenRead, Calendar);
        if (verdicts > 0)
            Add(verdicts);
    }

    public string Folder => _folder.Path;

    public GeneratedLine Line { get; }

    public ResultsStore Store { get; }

    public ShiftCalendar Calendar { get; }

    public HistoryQuery History { get; }

    /// <summary>Writes further verdicts of the line.</summary>
    public void Add(int verdicts, GeneratedLine? line = null)
    {
        using var connection = Connect();
        (line ?? Line).Write(connection, verdicts, 1 + (long)Scalar(connection, "SELECT coalesce(max(number), 0) FROM verdicts"));
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "results.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Reads all verdicts as they were written, the newest first, without any index or filter of the product.</summary>
    public List<HistoryEntry> Everything() => [.. History.All(new HistoryFilter(), CancellationToken.None)];

    public static object Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    public Task LabelAsync(Guid verdict, string label, string? queue = null) => Store.WriteAsync(c => PartLabels.Add(
        c, new PartLabel { VerdictId = verdict, Label = label, By = "Ada", At = Line.Start, Queue = queue }));

    public void Dispose()
    {
        Store.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
