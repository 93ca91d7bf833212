using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Station.History;
using MrfAd.Station.Review;
using MrfAd.Station.Statistics;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps the endpoints of stored verdicts.</summary>
internal sealed class HistoryEndpoints(HistoryQuery history, FilterParser parser, ShiftCalendar calendar, KeptPictures pictures, ShiftReport report, DatasetExport dataset, StationTopics topics)
{
    private const int DefaultLimit = 50;

    // Slower parts than this are counted in a report that names no limit.
    private const double DefaultAboveMs = 1000;

    // Keys of an address that are no filters.
    private static readonly string[] Others = ["before", "limit", "format", "period", "above_ms"];

    public void Map(IEndpointRouteBuilder read)
    {
        read.MapGet("/results", Page).WithTags("results").WithSummary("Stored verdicts, the newest first, a page at a time.").Produces<HistoryPage>();
        read.MapGet("/results/choices", history.Choices).WithTags("results").WithSummary("The cameras, products, causes, bank versions and shifts that filters can name.");
        read.MapGet("/results/{id:guid}", Find).WithTags("results").WithSummary("All that is kept of one part.").Produces<StoredVerdictResponse>().Produces(StatusCodes.Status404NotFound);
        read.MapGet("/results/{id:guid}/pictures/{kind}", PictureAsync).WithTags("results").WithSummary("A kept picture: frame or heatmap.").Produces(StatusCodes.Status200OK).Produces(StatusCodes.Status404NotFound);
        read.MapGet("/results/export", ExportAsync).WithTags("results").WithSummary("All verdicts of a filter as a file, streamed.").Produces(StatusCodes.Status200OK);
        read.MapGet("/results/dataset", DatasetAsync).WithTags("results")
            .WithSummary("The parts that people called good and bad, as far as their frames are kept, as a data set in MVTec AD's layout: a tar archive, streamed. 404 where there is none.")
            .Produces(StatusCodes.Status200OK, contentType: DatasetExport.ArchiveType).Produces(StatusCodes.Status404NotFound);
        read.MapGet("/results/report", ReportAsync).WithTags("results").WithSummary("The report of a shift or of another time as a page to print.").Produces(StatusCodes.Status200OK, contentType: "text/html");
    }

    /// <summary>Reads the filters of an address.</summary>
    /// <exception cref="BadHttpRequestException">One cannot be read; the message says why.</exception>
    public HistoryFilter Filter(HttpContext context) => Checked(() => parser.Parse(
        context.Request.Query.Where(q => !Others.Contains(q.Key)).SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? "")))));

    /// <summary>Turns the refusal of a filter into one of the request.</summary>
    public static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FilterException e)
        {
            throw new BadHttpRequestException(e.Message);
        }
    }

    private JsonHttpResult<HistoryPage> Page(
        HttpContext context, [AsParameters] FilterParameters filter, [Description("The 'next' of an earlier page.")] string? before, [Description("The number of verdicts, 1 to 1000; 50 unless told otherwise.")] string? limit)
    {
        var max = limit is null ? DefaultLimit : Limit(limit);
        return NoStore(context, history.Page(Filter(context), before is null ? null : Checked(() => HistoryCursor.Parse(before)), max));
    }

    private static int Limit(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= HistoryQuery.MaxLimit
        ? limit
        : throw new BadHttpRequestException($"limit: want 1 to {HistoryQuery.MaxLimit}, got '{text}'");

    private IResult Find(HttpContext context, Guid id)
    {
        if (history.Find(id) is not { } stored)
            return TypedResults.Json(new { error = $"there is no verdict {id}, or no longer" }, statusCode: StatusCodes.Status404NotFound);
        var verdict = JsonNode.Parse(stored.Message)!;
        return NoStore(context, new StoredVerdictResponse
        {
            Verdict = verdict,
            Explanation = stored.Spots is { } spots ? JsonNode.Parse(spots) : null,
            Pictures = pictures.Kinds(stored, (string)verdict["camera"]!, id),
            Labels = stored.Labels,
        });
    }

    private IResult PictureAsync(HttpContext context, Guid id, string kind)
    {
        if (kind is not (KeptPictures.Frame or KeptPictures.Heatmap) || history.Find(id) is not { } stored
            || pictures.Find(stored, (string)JsonNode.Parse(stored.Message)!["camera"]!, id, kind) is not { } file)
        {
            return TypedResults.Json(new { error = "there is no such picture, or no longer" }, statusCode: StatusCodes.Status404NotFound);
        }

        context.Response.Headers.CacheControl = "private, max-age=86400, immutable";
        return TypedResults.PhysicalFile(file.Path, file.ContentType);
    }

    private async Task ExportAsync(HttpContext context, [AsParameters] FilterParameters filter, [Description("csv, jsonl or parquet; csv unless told otherwise.")] string? format)
    {
        var (wanted, as_) = (Filter(context), Checked(() => HistoryExport.FormatOf(format ?? "csv")));
        var response = context.Response;
        response.ContentType = HistoryExport.ContentType(as_);
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{topics.Station}.{as_.ToString().ToLowerInvariant()}\"";
        await HistoryExport.WriteAsync(as_, history.All(wanted, context.RequestAborted), response.Body, context.RequestAborted);
    }

    private async Task DatasetAsync(HttpContext context, [AsParameters] FilterParameters filter)
    {
        var wanted = Filter(context);
        if (wanted.Label is not null)
            throw new BadHttpRequestException("label: a data set holds good and bad parts");
        var parts = dataset.Find(wanted, context.RequestAborted);
        if (parts.Parts.Count == 0)
        {
            await JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, $"there is nothing to make a data set of: {parts}");
            return;
        }

        var response = context.Response;
        response.ContentType = DatasetExport.ArchiveType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{topics.Station}-dataset.tar\"";
        await dataset.WriteArchiveAsync(topics.Station, parts, response.Body, context.RequestAborted);
    }

    private Task ReportAsync(HttpContext context, [AsParameters] FilterParameters filter)
    {
        var wanted = Filter(context);
        if (wanted.Time == HistoryFilter.AllTime || wanted.Shift is not null)
            throw new BadHttpRequestException("want one time: shift=2026-11-29/early, or from=… and to=…");
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'";
        var name = filter.Shift ?? $"{calendar.Text(DateTimeOffset.FromUnixTimeMilliseconds(wanted.Time.From))} to {calendar.Text(DateTimeOffset.FromUnixTimeMilliseconds(wanted.Time.To))}";
        return response.WriteAsync(report.Write(topics.Station, name, wanted.Time, wanted.Camera, DefaultAboveMs), context.RequestAborted);
    }

    private static JsonHttpResult<T> NoStore<T>(HttpContext context, T value)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(value);
    }
}
