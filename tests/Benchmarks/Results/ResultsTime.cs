using System.Diagnostics;
using Microsoft.Data.Sqlite;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Statistics;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Results;

/// <summary>Fills a results database with a generated line, and measures the pages of history and the statistics on it.</summary>
internal sealed class ResultsTime
{
    private const int Chunk = 50_000;
    private const int Repetitions = 9;

    private readonly string _folder;
    private readonly string _path;
    private readonly int _verdicts;
    private readonly GeneratedLine _line = new() { Cameras = ["top", "side", "left", "right"] };
    private readonly ShiftCalendar _calendar = new(new StatisticsOptions { TimeZone = "Europe/Berlin" });

    private ResultsTime(string folder, int verdicts)
    {
        (_folder, _verdicts) = (folder, verdicts);
        _path = Path.Combine(folder, "results.db");
    }

    /// <summary>Runs all measurements.</summary>
    /// <param name="folder">A folder whose database is used where it has one, and kept; null for a temporary one.</param>
    public static async Task RunAsync(int verdicts, string? folder)
    {
        using var temporary = folder is null ? new TemporaryFolder() : null;
        var time = new ResultsTime(folder ?? temporary!.Path, verdicts);
        if (!File.Exists(time._path))
            time.Fill();
        time.MeasureHistory();
        await time.MeasureStatisticsAsync();
    }

    private void Fill()
    {
        using (new ResultsStore(_folder, TimeProvider.System))
        {
            // Makes the tables.
        }

        var begin = Stopwatch.GetTimestamp();
        using (var connection = Connect("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000"))
        {
            for (var first = 1; first <= _verdicts; first += Chunk)
            {
                _line.Write(connection, Math.Min(Chunk, _verdicts - first + 1), first);
                if ((first - 1) % 1_000_000 == 0)
                    Console.Error.WriteLine($"{first - 1} verdicts, {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s");
            }
        }

        Print($"{_verdicts} verdicts in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s; {new FileInfo(_path).Length / (double)_verdicts:0} bytes each with all indexes, {new FileInfo(_path).Length / 1e9:0.00} GB");
    }

    private void MeasureHistory()
    {
        using var store = new ResultsStore(_folder, TimeProvider.System);
        var history = new HistoryQuery(store.OpenRead, _calendar);
        var parser = new FilterParser(_calendar);
        var middle = _line.Start + (_line.Interval * (_verdicts / 2));
        string[] filters =
        [
            "", $"to={middle:yyyy-MM-ddTHH:mm:ssZ}", "shift=night", $"shift={middle:yyyy-MM-dd}/late", "camera=left", "product=lid", "verdict=NG", "verdict=TIMEOUT", "cause=blurred", "bank=3", "serial=SN1234", "trigger=part-1234",
            "score_min=50", "score_min=79.9", "score_max=4", "score_min=8&score_max=9", "camera=left&verdict=NG", "camera=left&verdict=INVALID&cause=blurred&product=lid", "camera=top&product=cap&score_min=19.5&score_max=19.6", "bank=1&verdict=NG&camera=top&score_min=70",
        ];
        foreach (var filter in filters)
            Measure("history " + (filter.Length == 0 ? "(all)" : filter), () => history.Page(parser.Parse(Pairs(filter)), null, 50).Verdicts.Count);
        var page = history.Page(new HistoryFilter(), new HistoryCursor(middle.ToUnixTimeMilliseconds(), _verdicts / 2), 50);
        Measure("history, the page in the middle", () => history.Page(new HistoryFilter(), HistoryCursor.Parse(page.Next!), 50).Verdicts.Count);
        Measure("choices", () => history.Choices().Cameras.Count);
    }

    private async Task MeasureStatisticsAsync()
    {
        using var store = new ResultsStore(_folder, TimeProvider.System);
        using var fold = new StatisticsFold(store.OpenRead, store.WriteAsync, new StatisticsOptions().ChartParts);
        var (before, begin) = (FileSize(), Stopwatch.GetTimestamp());
        var folded = await fold.FoldAsync(CancellationToken.None);
        Print($"folded {folded} verdicts in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s into {(FileSize() - before) / (double)Math.Max(folded, 1):0.0} bytes each");

        var query = new StatisticsQuery(store.OpenRead, _calendar);
        var day = _calendar.DayOf((_line.Start + (_line.Interval * (_verdicts / 2))).ToUnixTimeMilliseconds());
        foreach (var (name, days) in ((string, int)[])[("day", 1), ("month", 30)])
        {
            var scope = new StatisticsScope(new TimeRange(_calendar.Day(day).From, _calendar.Day(day.AddDays(days)).From), null, null);
            Measure($"{name}: parts, yield, NG per hour", () => query.Counts(scope, Period.Hour).Count);
            Measure($"{name}: parts, yield, NG per shift", () => query.Counts(scope, Period.Shift).Count);
            Measure($"{name}: causes", () => query.Causes(scope).Count);
            Measure($"{name}: regions", () => query.Regions(scope).Cells.Count);
            Measure($"{name}: scores and their trend per hour", () => query.Scores(scope, Period.Hour).Trend.Count);
            Measure($"{name}: stage times and claim", () => query.Stages(scope, 120).Stages.Count);
            Measure($"{name}: control charts", () => query.Charts(scope).Sum(c => c.Points.Count));
        }

        await MeasureExportsAsync(new HistoryQuery(store.OpenRead, _calendar), _calendar.Day(day));
        Console.WriteLine(query.Stages(new StatisticsScope(HistoryFilter.AllTime, null, null), 120).Claim);
    }

    private static async Task MeasureExportsAsync(HistoryQuery history, TimeRange day)
    {
        foreach (var (name, time) in ((string, TimeRange)[])[("day", day), ("ten days", day with { To = day.From + (10 * (day.To - day.From)) })])
        {
            foreach (var format in Enum.GetValues<ExportFormat>())
            {
                GC.Collect();
                await using var output = new HeapWatch();
                var begin = Stopwatch.GetTimestamp();
                await HistoryExport.WriteAsync(format, history.All(new HistoryFilter { Time = time }, CancellationToken.None), output, CancellationToken.None);
                Print($"export of a {name} as {format}: {output.Length / 1e6:0.0} MB in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s, managed heap at most {output.MaxHeap / 1e6:0} MB");
            }
        }
    }

    private long FileSize() => new FileInfo(_path).Length;

    private static void Measure(string what, Func<int> work)
    {
        var begin = Stopwatch.GetTimestamp();
        var found = work();
        var first = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            begin = Stopwatch.GetTimestamp();
            work();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        times.Sort();
        Print($"{what,-80} {found,6} found, first {first,8:0.0} ms, then p50 {times[Repetitions / 2],8:0.0} ms, max {times[^1],8:0.0} ms");
    }

    private SqliteConnection Connect(string settings)
    {
        var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = settings;
        command.ExecuteNonQuery();
        return connection;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string query) =>
        query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
