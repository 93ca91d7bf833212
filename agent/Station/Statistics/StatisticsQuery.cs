using System.Globalization;
using Microsoft.Data.Sqlite;
using MrfAd.Station.History;

namespace MrfAd.Station.Statistics;

/// <summary>Reads the folded statistics. What was folded is counted; <see cref="StatisticsFold"/> runs every few seconds and before a question.</summary>
/// <param name="open">Opens a connection that reads; the caller closes it.</param>
public sealed class StatisticsQuery(Func<SqliteConnection> open, ShiftCalendar calendar)
{
    // As many points as a chart has pixels, and more signals than anybody reads.
    private const int MaxChartPoints = 1000, MaxSignals = 100;

    /// <returns>The counts of each hour, shift or day in the scope, the earliest first; without those before the first and after the last verdict.</returns>
    public IReadOnlyList<PeriodCounts> Counts(StatisticsScope scope, Period period)
    {
        var periods = new Dictionary<TimeRange, PeriodCounts>();
        var current = (Time: default(TimeRange), Name: "");
        Read(scope, "quarter_counts", "quarter, verdict, sum(count)", row =>
        {
            var at = row.GetInt64(0) * QuarterKey.Length;
            if (at < current.Time.From || at >= current.Time.To)
                current = PeriodOf(at, period);
            var counts = periods.GetValueOrDefault(current.Time) ?? new PeriodCounts { Name = current.Name, From = Time(current.Time.From), To = Time(current.Time.To) };
            var n = row.GetInt64(2);
            periods[current.Time] = row.GetString(1) switch
            {
                "OK" => counts with { Ok = counts.Ok + n },
                "NG" => counts with { Ng = counts.Ng + n },
                "INVALID" => counts with { Invalid = counts.Invalid + n },
                _ => counts with { Timeout = counts.Timeout + n },
            };
        }, "AND verdict <> 'COLLECTING' GROUP BY quarter, verdict ORDER BY quarter");
        return [.. periods.Values];
    }

    /// <returns>The causes of INVALID and TIMEOUT, the most frequent first.</returns>
    public IReadOnlyList<CauseCount> Causes(StatisticsScope scope)
    {
        var causes = new List<CauseCount>();
        Read(
            scope, "quarter_counts", "verdict, cause, sum(count)", row => causes.Add(new CauseCount(row.GetString(0), row.GetString(1), row.GetInt64(2))),
            "AND verdict IN ('INVALID', 'TIMEOUT') GROUP BY verdict, cause ORDER BY sum(count) DESC, verdict, cause LIMIT 100");
        return causes;
    }

    /// <returns>Where NG regions lay.</returns>
    public RegionReport Regions(StatisticsScope scope)
    {
        var grid = new RegionGrid();
        Read(scope, "quarter_regions", "cells", row => grid.Add((byte[])row[0]));
        return new RegionReport { Cells = grid.Cells };
    }

    /// <returns>The distribution of scores, and their quantiles in each period.</returns>
    public ScoreReport Scores(StatisticsScope scope, Period period)
    {
        var all = new LogHistogram();
        var trend = new List<ScorePeriod>();
        var current = (Time: default(TimeRange), Name: "");
        var (histogram, threshold) = (new LogHistogram(), 0.0);
        Read(scope, "quarter_scores", "quarter, threshold, scores", row =>
        {
            var at = row.GetInt64(0) * QuarterKey.Length;
            if (at >= current.Time.To)
            {
                End();
                (current, histogram) = (PeriodOf(at, period), new LogHistogram());
            }

            threshold = row.GetDouble(1);
            ReadOnlySpan<byte> bytes = (byte[])row[2];
            histogram.Add(ref bytes);
        }, "ORDER BY quarter");
        End();
        return new ScoreReport { Bins = [.. all.Bins.Select(b => new ScoreBin(b.From, b.To, b.Count))], Trend = trend };

        void End()
        {
            all.Add(histogram);
            if (histogram.Count > 0)
            {
                trend.Add(new ScorePeriod
                {
                    Name = current.Name,
                    From = Time(current.Time.From),
                    Count = histogram.Count,
                    P10 = histogram.Quantile(0.1),
                    P50 = histogram.Quantile(0.5),
                    P90 = histogram.Quantile(0.9),
                    P99 = histogram.Quantile(0.99),
                    Threshold = threshold,
                });
            }
        }
    }

    /// <returns>The times of all stages.</returns>
    /// <param name="aboveMs">The limit above which parts are counted, in milliseconds.</param>
    public StageReport Stages(StatisticsScope scope, double aboveMs)
    {
        var stages = new StageHistograms();
        Read(scope, "quarter_stages", "stages", row => stages.Add((byte[])row[0]));
        var (total, border) = (stages["total"], LogHistogram.BorderFrom(aboveMs));
        var above = total.CountFrom(border);
        return new StageReport
        {
            Stages = [.. StageHistograms.Names.Select(name => (name, stages[name])).Where(s => s.Item2.Count > 0).Select(s => new StageTime
            {
                Stage = s.name, Count = s.Item2.Count, P50Ms = s.Item2.Quantile(0.5), P99Ms = s.Item2.Quantile(0.99), MaxMs = s.Item2.Max,
            })],
            AboveMs = border,
            Above = above,
            Parts = total.Count,
            Claim = total.Count == 0 ? "no parts" : string.Create(CultureInfo.InvariantCulture, $"p50 {total.Quantile(0.5):0.#} ms, {above} of {total.Count} above {border:0.#} ms"),
        };
    }

    /// <returns>The control charts of the scope's cameras and products.</returns>
    public IReadOnlyList<ChartReport> Charts(StatisticsScope scope)
    {
        using var connection = open();
        return
        [
            .. from chart in ChartTable.Charts(connection)
               where (scope.Camera is null || chart.Camera == scope.Camera) && (scope.Product is null || chart.Product == scope.Product)
               orderby chart.Camera, chart.Product
               select new ChartReport
               {
                   Camera = chart.Camera,
                   Product = chart.Product,
                   Points = ChartTable.Within(connection, chart.Camera, chart.Product, scope.Time, MaxChartPoints, signalsOnly: false),
                   Signals = [.. ChartTable.Within(connection, chart.Camera, chart.Product, scope.Time, MaxSignals, signalsOnly: true).SelectMany(ChartSignal.Of).Reverse()],
               },
        ];
    }

    private (TimeRange Time, string Name) PeriodOf(long at, Period period)
    {
        if (period == Period.Shift && calendar.ShiftAt(at) is var shift)
            return (shift.Time, shift.Id);
        if (period == Period.Day && calendar.DayOf(at) is var day)
            return (calendar.Day(day), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(at), calendar.Zone);
        var from = at - (local.Minute * 60_000L);
        return (new TimeRange(from, from + 3_600_000), local.ToString("yyyy-MM-dd'T'HH':00'", CultureInfo.InvariantCulture));
    }

    private void Read(StatisticsScope scope, string table, string columns, Action<SqliteDataReader> read, string then = "")
    {
        using var connection = open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {columns} FROM {table} WHERE quarter >= $from AND quarter < $to{(scope.Camera is null ? "" : " AND camera = $camera")}{(scope.Product is null ? "" : " AND product = $product")} {then}";
        command.Parameters.AddWithValue("$from", scope.FirstQuarter);
        command.Parameters.AddWithValue("$to", scope.EndQuarter);
        if (scope.Camera is { } camera)
            command.Parameters.AddWithValue("$camera", camera);
        if (scope.Product is { } product)
            command.Parameters.AddWithValue("$product", product);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            read(reader);
    }

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}
