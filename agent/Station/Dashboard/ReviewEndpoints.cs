using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Station.History;
using MrfAd.Station.Results;
using MrfAd.Station.Review;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps the endpoints of the review.</summary>
internal sealed class ReviewEndpoints(HistoryQuery history, ReviewQueues queues, LabelStatistics labels, ResultsStore store, StatisticsEndpoints statistics, DetectorBanks banks, CommandEndpoint commands, TimeProvider clock)
{
    // A page asks for more when it has shown these.
    private const int QueueLength = 20;

    private const int MaxName = 64, MaxNote = 1000;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public void MapRead(IEndpointRouteBuilder read)
    {
        var group = read.MapGroup("/review").WithTags("review");
        group.MapGet("/queue", Queue).WithSummary("The parts that wait for a label, the newest first.").Produces<IReadOnlyList<HistoryEntry>>();
        group.MapGet("/rates", (HttpContext context, [AsParameters] ScopeParameters scope) =>
            AnswerAsync(context, labels.Rates)).WithSummary("The measured false-reject rate (overkill) and miss rate (escapes), with 95 % intervals.").Produces<MeasuredRates>();
        group.MapGet("/thresholds", (HttpContext context, [AsParameters] ScopeParameters scope) =>
            AnswerAsync(context, labels.Curve)).WithSummary("Both rates for every threshold, of the bank that judged the newest labelled part.").Produces<IReadOnlyList<ThresholdChoice>>();
        group.MapGet("/corrections", Candidates).WithSummary("For each detector the NG parts that people called good and that can be taught together.").Produces<IReadOnlyList<CorrectionCandidates>>();
    }

    public void MapChange(IEndpointRouteBuilder change)
    {
        var group = change.MapGroup("/review").WithTags("review");
        group.MapPost("/labels", (Delegate)LabelAsync).Accepts<LabelRequest>("application/json")
            .WithSummary("Labels a part; it never alters the verdict. Wants a session and its X-Csrf-Token.").Produces<PartLabel>();
        group.MapPost("/corrections", (Delegate)CorrectAsync).Accepts<TeachCommand>("application/json")
            .WithSummary("Teaches parts, as the command 'teach': 'verdicts' previews a correction, 'confirm' learns it, 'discard' forgets it. Wants a session and its X-Csrf-Token.")
            .Produces<CommandReply>().Produces<CommandReply>(StatusCodes.Status409Conflict);
    }

    private JsonHttpResult<IReadOnlyList<HistoryEntry>> Queue(HttpContext context, [Description("ng, doubtful or sample; ng unless told otherwise.")] string? queue, string? camera)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(HistoryEndpoints.Checked(() => queues.Next(queue ?? ReviewQueues.Ng, camera, QueueLength)));
    }

    private JsonHttpResult<List<CorrectionCandidates>> Candidates(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(banks.All.Where(b => b.Bank.Cameras.Count > 0).Select(b => b.Corrections.Candidates()).OfType<CorrectionCandidates>().ToList());
    }

    private async Task<IResult> CorrectAsync(HttpContext context)
    {
        await commands.RunAsync(context, "teach");
        return TypedResults.Empty;
    }

    private async Task<IResult> LabelAsync(HttpContext context)
    {
        var request = await ReadAsync(context);
        if (!PartLabels.Known.Contains(request.Label))
            throw new BadHttpRequestException($"label: want good, bad or unsure, got '{request.Label}'");
        if (request.By.Trim().Length is 0 or > MaxName)
            throw new BadHttpRequestException($"by: want a name of 1 to {MaxName} characters, got '{request.By}'");
        if (request.Note is { Length: > MaxNote })
            throw new BadHttpRequestException($"note: want up to {MaxNote} characters, got {request.Note.Length}");
        if (!ReviewQueues.Origins.Contains(request.Queue))
            throw new BadHttpRequestException($"queue: want {string.Join(", ", ReviewQueues.Origins)}, got '{request.Queue}'");
        if (history.Find(request.Verdict) is null)
            throw new BadHttpRequestException($"verdict: there is no verdict {request.Verdict}, or no longer");
        var label = new PartLabel
        {
            VerdictId = request.Verdict,
            Label = request.Label,
            By = request.By.Trim(),
            Note = string.IsNullOrWhiteSpace(request.Note) ? null : request.Note.Trim(),
            At = clock.GetUtcNow(),
            Queue = request.Queue,
        };
        await store.WriteAsync(connection => PartLabels.Add(connection, label));
        return TypedResults.Json(label);
    }

    private static async Task<LabelRequest> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<LabelRequest>(context.Request.Body, Json, context.RequestAborted) ?? throw new JsonException("null");
        }
        catch (JsonException)
        {
            throw new BadHttpRequestException("""want { "verdict": "ID", "label": "good", "by": "NAME", "note": "…", "queue": "ng" }""");
        }
    }

    private async Task<IResult> AnswerAsync<T>(HttpContext context, Func<Statistics.StatisticsScope, T> read)
    {
        var scope = statistics.Scope(context);
        await statistics.FoldAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(read(scope));
    }
}
