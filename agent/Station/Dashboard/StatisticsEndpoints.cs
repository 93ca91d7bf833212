using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using MrfAd.Station.Results;
using MrfAd.Station.Statistics;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps the endpoints of the statistics.</summary>
/// <param name="defaultAboveMs">The limit above which slow parts are counted unless told otherwise, in milliseconds.</param>
internal sealed class StatisticsEndpoints(StatisticsQuery statistics, StatisticsFold fold, HistoryEndpoints history, double defaultAboveMs)
{
    // A station that was just updated may have millions of verdicts to fold; a page does not wait for them.
    private static readonly TimeSpan MaxFold = TimeSpan.FromSeconds(1);

    public void Map(IEndpointRouteBuilder read)
    {
        var group = read.MapGroup("/statistics").WithTags("statistics");
        group.MapGet("/counts", (HttpContext context, [AsParameters] ScopeParameters scope, [Description("hour, shift or day; hour unless told otherwise.")] string? period) =>
            AnswerAsync(context, s => statistics.Counts(s, PeriodOf(period)))).WithSummary("Parts, yield, OK, NG, INVALID and TIMEOUT in each hour, shift or day.").Produces<IReadOnlyList<PeriodCounts>>();
        group.MapGet("/causes", (HttpContext context, [AsParameters] ScopeParameters scope) =>
            AnswerAsync(context, statistics.Causes)).WithSummary("The causes of INVALID and TIMEOUT.").Produces<IReadOnlyList<CauseCount>>();
        group.MapGet("/regions", (HttpContext context, [AsParameters] ScopeParameters scope) =>
            AnswerAsync(context, statistics.Regions)).WithSummary("Where on the frame NG regions lay.").Produces<RegionReport>();
        group.MapGet("/scores", (HttpContext context, [AsParameters] ScopeParameters scope, [Description("hour, shift or day; hour unless told otherwise.")] string? period) =>
            AnswerAsync(context, s => statistics.Scores(s, PeriodOf(period)))).WithSummary("The distribution of scores, and their trend against the threshold.").Produces<ScoreReport>();
        group.MapGet("/stages", (HttpContext context, [AsParameters] ScopeParameters scope, [Description("The limit above which parts are counted; the longest deadline of a camera unless told otherwise.")] string? above_ms) =>
            AnswerAsync(context, s => statistics.Stages(s, Above(above_ms)))).WithSummary("The times of all stages, and the claim.").Produces<StageReport>();
        group.MapGet("/charts", (HttpContext context, [AsParameters] ScopeParameters scope) =>
            AnswerAsync(context, statistics.Charts)).WithSummary("The control charts of the NG share and of the median score, with their signals.").Produces<IReadOnlyList<ChartReport>>();
    }

    /// <summary>Reads the scope of an address.</summary>
    public StatisticsScope Scope(HttpContext context)
    {
        var filter = history.Filter(context);
        if (filter with { Time = default, Camera = null, Product = null } != new History.HistoryFilter { Time = default })
            throw new BadHttpRequestException("statistics take from, to, shift=2026-11-29/early, camera and product");
        return new StatisticsScope(filter.Time, filter.Camera, filter.Product);
    }

    /// <summary>Folds what is new, so that an answer counts the part that was judged a moment ago.</summary>
    public async Task FoldAsync(CancellationToken cancellation)
    {
        try
        {
            await fold.FoldAsync(cancellation).WaitAsync(MaxFold, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or SqliteException or IOException or ResultsException or FormatException)
        {
            // The answer counts what has been folded by now. A fold that takes long goes on; one that failed is repeated, and the worker says why.
        }
    }

    private async Task<IResult> AnswerAsync<T>(HttpContext context, Func<StatisticsScope, T> read)
    {
        var scope = Scope(context);
        await FoldAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(read(scope));
    }

    private double Above(string? text) => text is null ? defaultAboveMs
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var above) && above is > 0 and < 1e7 ? above
        : throw new BadHttpRequestException($"above_ms: want a number above 0, got '{text}'");

    private static Period PeriodOf(string? text) => text switch
    {
        null or "hour" => Period.Hour,
        "shift" => Period.Shift,
        "day" => Period.Day,
        _ => throw new BadHttpRequestException($"period: want hour, shift or day, got '{text}'"),
    };
}
