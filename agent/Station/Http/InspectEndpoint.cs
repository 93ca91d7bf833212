using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Triggers;

namespace MrfAd.Station.Http;

/// <summary>
/// The endpoint <c>POST /inspect</c>, which answers with the verdict as JSON. The body is the image for a camera whose source is <c>http:</c>; it is empty
/// for one with a source of its own, which then takes a frame. A body that is no image file is refused with 415 and triggers nothing; an image that cannot
/// be used (damaged, of another size) gets the verdict INVALID with 422. <c>?camera=NAME</c> is needed where more than one camera has
/// <c>"trigger": "http"</c>; <c>?id=</c> gives the trigger's id, <c>?part=</c>, <c>?serial=</c> and <c>?meta=</c> (a JSON object) the data of the part, <c>?product=</c> its product.
/// </summary>
public static class InspectEndpoint
{
    private const string Bearer = "Bearer ";

    /// <summary>Serves <c>POST /inspect</c>.</summary>
    /// <param name="guard">Compares the tokens that clients show; none is needed where it has none.</param>
    public static IEndpointConventionBuilder MapInspect(
        this IEndpointRouteBuilder app, IReadOnlyList<Camera> cameras, TriggerService triggers, VerdictEvents events, int maxUploadMb, MemoryBudget memory, TokenGuard guard)
    {
        var uploads = new Uploads(maxUploadMb * 1_000_000, memory);
        return app.MapPost("/inspect", async context =>
        {
            var (status, body) = await RefuseAsync(context, guard) ?? await InspectAsync(context, cameras, triggers, events, uploads);
            if (status is not (StatusCodes.Status200OK or StatusCodes.Status422UnprocessableEntity))
                await RequestBody.DiscardAsync(context);
            context.Response.StatusCode = status;
            context.Response.ContentType = status is StatusCodes.Status200OK or StatusCodes.Status422UnprocessableEntity ? "application/json" : "text/plain; charset=utf-8";
            if (status == StatusCodes.Status429TooManyRequests)
                context.Response.Headers.RetryAfter = "1";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });
    }

    /// <returns>The refusal of a request that is not authorised; null where it is.</returns>
    private static async Task<(int Status, byte[] Body)?> RefuseAsync(HttpContext context, TokenGuard guard)
    {
        // A browser names the page that makes the request; a page of another site must not trigger the line.
        string? origin = context.Request.Headers.Origin, shown = context.Request.Headers.Authorization;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == context.Request.Host.Value))
            return Error(StatusCodes.Status403Forbidden, $"'{origin}' is another site");
        if (!guard.HasToken)
            return null;
        try
        {
            if (shown?.StartsWith(Bearer, StringComparison.Ordinal) == true && await guard.AcceptsAsync(shown[Bearer.Length..], context.Connection.RemoteIpAddress, context.RequestAborted))
                return null;
        }
        catch (TooManyTriesException e)
        {
            return Error(StatusCodes.Status429TooManyRequests, e.Message);
        }

        return Error(StatusCodes.Status401Unauthorized, "want the token of http.token_file: 'Authorization: Bearer TOKEN'");
    }

    private static async Task<(int Status, byte[] Body)> InspectAsync(HttpContext context, IReadOnlyList<Camera> cameras, TriggerService triggers, VerdictEvents events, Uploads uploads)
    {
        var asked = cameras.Where(c => c.Options.Trigger == TriggerMode.Http).ToList();
        string? name = context.Request.Query["camera"], id = context.Request.Query["id"], product = context.Request.Query["product"];
        if (asked.FindAll(c => name is null || c.Options.Name == name) is not [var camera])
            return Error(StatusCodes.Status404NotFound, $"want ?camera= one of the cameras triggered over HTTP ({(asked.Count == 0 ? "there is none" : string.Join(", ", asked.Select(c => c.Options.Name)))}), got '{name ?? "none"}'");
        if ((!IsName(id) ? "id" : !IsName(product) ? "product" : null) is { } wrong)
            return Error(StatusCodes.Status400BadRequest, $"{wrong}: want 1 to {StationTopics.MaxNameLength} characters, none of them a control character");
        if (PartFault(context.Request.Query, out var part) is { } fault)
            return Error(StatusCodes.Status400BadRequest, fault);

        if (!camera.Options.FramesAreSent)
        {
            return context.Request.ContentLength > 0
                ? Error(StatusCodes.Status400BadRequest, $"{camera.Options.Name} takes its own frames: send no body")
                : await FireAsync(camera, id, part, product, null, triggers, null, events, context);
        }

        using var place = uploads.Enter(camera, context.Request.ContentLength, out var refusal);
        if (refusal is { } full)
            return Error(full.Status, full.Text);
        var (body, bad) = await uploads.ReadAsync(context);
        return bad is { } no ? Error(no.Status, no.Text) : await FireAsync(camera, id, part, product, new SentFrame(body, id ?? "upload"), triggers, uploads, events, context);
    }

    /// <summary>Reads the data of the part from the query.</summary>
    /// <returns>A sentence that says what is wrong with them; null where they are fine.</returns>
    private static string? PartFault(IQueryCollection query, out PartInfo? part)
    {
        string? serial = query["serial"], id = query["part"], meta = query["meta"];
        part = null;
        foreach (var (key, text) in ((string, string?)[])[("serial", serial), ("part", id)])
        {
            if (text is not null && PartInfo.Fault(text) is { } fault)
                return $"{key}: {fault}";
        }

        try
        {
            part = PartInfo.Of(serial, meta is null ? null : PartMeta.Parse(meta), id);
            return null;
        }
        catch (FormatException e)
        {
            return $"meta: {e.Message}";
        }
    }

    private static async Task<(int Status, byte[] Body)> FireAsync(
        Camera camera, string? id, PartInfo? part, string? product, SentFrame? sent, TriggerService triggers, Uploads? uploads, VerdictEvents events, HttpContext context)
    {
        var aborted = context.RequestAborted;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reported = new TaskCompletionSource<VerdictMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The trigger's id is chosen before it is fired, as its verdict may be reported before Fire returns.
        var trigger = id ?? Guid.CreateVersion7().ToString();
        events.Reported += OnReported;
        events.Ended += OnEnded;
        try
        {
            Trigger? fired;
            bool isRepeated;
            using (uploads is null ? null : await uploads.RoomAsync(camera, ended.Token))
                fired = triggers.Fire(camera, trigger, "http", sent, out isRepeated, part, product, PartTrace.SenderOf(context.Request.Headers.TraceParent, context.Request.Headers.TraceState));
            if (fired is null)
            {
                return isRepeated
                    ? Error(StatusCodes.Status409Conflict, $"'{id}' has been inspected, or is being inspected; its verdict is on MQTT")
                    : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
            }

            return await reported.Task.WaitAsync(aborted) is { } verdict
                ? (sent is not null && verdict is { Verdict: Verdict.Invalid, Fault: null } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK, StationMessages.Content(verdict))
                : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
        }
        finally
        {
            events.Reported -= OnReported;
            events.Ended -= OnEnded;
        }

        void OnReported(VerdictMessage verdict)
        {
            if (verdict.Camera == camera.Options.Name && verdict.Trigger.Id == trigger)
                reported.TrySetResult(verdict);
        }

        void OnEnded()
        {
            reported.TrySetResult(null);
            ended.Cancel();
        }
    }

    /// <returns>False for a text that can be no id and no name of a product; true where there is none.</returns>
    private static bool IsName(string? text) => text is null or { Length: > 0 and <= StationTopics.MaxNameLength } && text?.Any(char.IsControl) != true;

    private static (int Status, byte[] Body) Error(int status, string text) => (status, System.Text.Encoding.UTF8.GetBytes(text + "\n"));
}
