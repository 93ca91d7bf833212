using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Statistics;
using MrfAd.Station.Tests.History;
using MrfAd.Station.Tests.Reporting;

namespace MrfAd.Station.Tests.Statistics;

public sealed class StatisticsQueryTests(StatisticsQueryTests.Folded folded) : IClassFixture<StatisticsQueryTests.Folded>
{
    private static readonly StatisticsScope All = new(HistoryFilter.AllTime, null, null);

    private readonly StatisticsQuery _query = new(folded.Lab.Store.OpenRead, folded.Lab.Calendar);

    [Theory]
    [InlineData(Period.Hour)]
    [InlineData(Period.Shift)]
    [InlineData(Period.Day)]
    public void Each_period_counts_exactly_its_verdicts(Period period)
    {
        var counts = _query.Counts(All, period);

        Assert.Equal(folded.Verdicts.Count, counts.Sum(c => c.Parts));
        foreach (var c in counts)
        {
            var inside = folded.Verdicts.Where(v => v.At >= c.From && v.At < c.To).ToList();
            Assert.Equal(
                (inside.Count(v => v.Verdict == Verdict.Ok), inside.Count(v => v.Verdict == Verdict.Ng), inside.Count(v => v.Verdict == Verdict.Invalid), inside.Count(v => v.Verdict == Verdict.Timeout)),
                ((int)c.Ok, (int)c.Ng, (int)c.Invalid, (int)c.Timeout));
        }
    }

    [Fact]
    public void A_scope_counts_only_its_camera_product_and_time()
    {
        var from = folded.Lab.Line.Start.AddHours(3);
        var scope = new StatisticsScope(new TimeRange(from.ToUnixTimeMilliseconds(), from.AddHours(2).ToUnixTimeMilliseconds()), "top", "cap");

        var counts = Assert.Single(_query.Counts(scope, Period.Day));

        Assert.Equal(folded.Verdicts.Count(v => v.Camera == "top" && v.Product == "cap" && v.At >= from && v.At < from.AddHours(2)), counts.Parts);
    }

    [Fact]
    public void Causes_are_counted_and_a_reason_with_numbers_is_one_cause()
    {
        var causes = _query.Causes(All);

        Assert.Equal(["INVALID blurred", "INVALID dark", "TIMEOUT no frame within # ms"], causes.Select(c => $"{c.Verdict} {c.Cause}").Order(StringComparer.Ordinal));
        Assert.Equal(folded.Verdicts.Count(v => v.Cause == "dark"), causes.Single(c => c.Cause == "dark").Count);
    }

    [Fact]
    public void Quantiles_of_scores_are_within_two_percent_and_their_number_is_exact()
    {
        var report = _query.Scores(All, Period.Day);
        var scores = folded.Verdicts.Where(v => v.Score is not null && folded.Lab.Calendar.DayOf(v.At.ToUnixTimeMilliseconds()) == new DateOnly(2026, 1, 5)).Select(v => v.Score!.Value).Order().ToList();

        Assert.Equal(folded.Verdicts.Count(v => v.Score is not null), report.Bins.Sum(b => b.Count));
        Assert.Equal(scores.Count, report.Trend[0].Count);
        Assert.Equal(1, report.Trend[0].P50 / scores[scores.Count / 2], 0.02);
        Assert.Equal(1, report.Trend[0].P90 / scores[scores.Count * 9 / 10], 0.02);
        Assert.Equal(20, report.Trend[0].Threshold);
    }

    [Fact]
    public void Stage_times_have_quantiles_the_exact_maximum_and_a_claim_with_an_exact_count()
    {
        var report = _query.Stages(All, 120);
        var totals = folded.Verdicts.Select(v => v.TotalMs).Order().ToList();
        var total = report.Stages.Single(s => s.Stage == "total");

        Assert.Equal(totals[^1], total.MaxMs);
        Assert.Equal(1, total.P50Ms / totals[totals.Count / 2], 0.02);
        Assert.Equal(1, total.P99Ms / totals[totals.Count * 99 / 100], 0.02);
        Assert.InRange(report.AboveMs, 120, 120 * 1.03);
        Assert.Equal(totals.Count(t => t >= report.AboveMs), report.Above);
        Assert.Matches(@"^p50 1\d\d(\.\d)? ms, \d+ of 20000 above 12\d(\.\d)? ms$", report.Claim);
    }

    [Fact]
    public void Regions_are_where_the_verdicts_had_them()
    {
        var regions = _query.Regions(All);

        // All lie between 600 and 840 of 1280 px, and between 300 and 430 of 1024 px.
        var hit = regions.Cells.Index().Where(c => c.Item > 0).Select(c => (X: c.Index % 32, Y: c.Index / 32)).ToList();
        Assert.Equal((15, 20), (hit.Min(c => c.X), hit.Max(c => c.X)));
        Assert.Equal((9, 13), (hit.Min(c => c.Y), hit.Max(c => c.Y)));
    }

    [Fact]
    public async Task Verdicts_that_are_folded_in_parts_give_the_same_as_all_at_once_and_as_anew()
    {
        using var lab = new HistoryLab();
        using var fold = new StatisticsFold(lab.Store.OpenRead, lab.Store.WriteAsync, 50);
        for (var i = 0; i < 4; i++)
        {
            lab.Add(123);
            Assert.Equal(123, await fold.FoldAsync(CancellationToken.None));
        }

        var query = new StatisticsQuery(lab.Store.OpenRead, lab.Calendar);
        var parts = Text(query);
        await fold.ClearAsync();
        Assert.Empty(query.Counts(All, Period.Day));
        await fold.FoldAsync(CancellationToken.None);

        Assert.Equal(parts, Text(query));
        Assert.Equal(492, query.Counts(All, Period.Day).Sum(c => c.Parts));
        Assert.Equal(0, await fold.FoldAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_fold_that_could_not_be_written_is_repeated_without_counting_twice()
    {
        using var lab = new HistoryLab(100);
        var fails = true;
        using var fold = new StatisticsFold(lab.Store.OpenRead, work => fails ? lab.Store.WriteAsync(c => { work(c); throw new IOException("the disk is full"); }) : lab.Store.WriteAsync(work), 50);

        await Assert.ThrowsAsync<IOException>(() => fold.FoldAsync(CancellationToken.None));
        fails = false;
        await fold.FoldAsync(CancellationToken.None);

        Assert.Equal(100, new StatisticsQuery(lab.Store.OpenRead, lab.Calendar).Counts(All, Period.Day).Sum(c => c.Parts));
    }

    private static string Text(StatisticsQuery query) => JsonSerializer.Serialize(new
    {
        Counts = query.Counts(All, Period.Hour),
        Causes = query.Causes(All),
        Scores = query.Scores(All, Period.Hour),
        Stages = query.Stages(All, 120),
        Regions = query.Regions(All),
        Charts = query.Charts(All),
    });

    /// <summary>A database whose verdicts are folded.</summary>
    [Fact]
    public async Task What_was_collected_is_counted_nowhere()
    {
        using var lab = new HistoryLab();
        var collected = Messages.Ng with { Verdict = Verdict.Collecting, Reason = "blurred", Score = null, Threshold = null, PValue = null, Bank = null, Regions = [] };
        var number = 0;
        foreach (var verdict in (VerdictMessage[])[Messages.Ng, collected with { Id = Guid.CreateVersion7() }, collected with { Id = Guid.CreateVersion7() }])
            await lab.Store.WriteAsync(c => VerdictWriter.Insert(c, ++number, verdict, "t/top", default, JsonSerializer.SerializeToUtf8Bytes(verdict, MessageJson.Default.VerdictMessage)));
        using var fold = new StatisticsFold(lab.Store.OpenRead, lab.Store.WriteAsync, 50);
        await fold.FoldAsync(TestContext.Current.CancellationToken);
        var query = new StatisticsQuery(lab.Store.OpenRead, lab.Calendar);

        var counts = Assert.Single(query.Counts(All, Period.Day));

        Assert.Equal((1, 1, 0.0), (counts.Parts, counts.Ng, counts.Yield));
        Assert.Empty(query.Causes(All));
        Assert.Equal(2, lab.History.All(new HistoryFilter { Verdict = Verdict.Collecting }, CancellationToken.None).Count());
    }

    public sealed class Folded : IAsyncLifetime
    {
        internal HistoryLab Lab { get; } = new(20_000, options: new StatisticsOptions { TimeZone = "Europe/Berlin" });

        public IReadOnlyList<HistoryEntry> Verdicts => field ??= Lab.Everything();

        public async ValueTask InitializeAsync()
        {
            using var fold = new StatisticsFold(Lab.Store.OpenRead, Lab.Store.WriteAsync, 50);
            await fold.FoldAsync(CancellationToken.None);
        }

        public ValueTask DisposeAsync()
        {
            Lab.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
