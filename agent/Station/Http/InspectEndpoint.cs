using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Capture;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Triggers;

namespace MrfAd.Station.Http;

/// <summary>
/// The endpoint <c>POST /inspect</c>, which answers with the verdict as JSON. The body is the image for a camera whose source is <c>http:</c>; it is empty
/// for one with a source of its own, which then takes a frame. A body that is no image file is refused with 415 and triggers nothing; an image that cannot
/// be used (damaged, of another size) gets the verdict INVALID with 422. <c>?camera=NAME</c> is needed where more than one camera has
/// <c>"trigger": "http"</c>; <c>?id=</c> gives the trigger's id.
/// </summary>
public static class InspectEndpoint
{
    private const string Bearer = "Bearer ";

    // Of a body whose length is not known.
    private const int MinBuffer = 81920;

    /// <summary>Serves <c>POST /inspect</c>.</summary>
    /// <param name="token">The token that a client must show; null where none is needed.</param>
    public static IEndpointConventionBuilder MapInspect(
        this IEndpointRouteBuilder app, IReadOnlyList<Camera> cameras, TriggerService triggers, VerdictEvents events, int maxUploadMb, AccessToken? token) =>
        app.MapPost("/inspect", async context =>
        {
            var (status, body) = Refuse(context, token) ?? await InspectAsync(context, cameras, triggers, events, maxUploadMb);
            context.Response.StatusCode = status;
            context.Response.ContentType = status is StatusCodes.Status200OK or StatusCodes.Status422UnprocessableEntity ? "application/json" : "text/plain; charset=utf-8";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });

    /// <returns>The refusal of a request that is not authorised; null where it is.</returns>
    private static (int Status, byte[] Body)? Refuse(HttpContext context, AccessToken? token)
    {
        // A browser names the page that makes the request; a page of another site must not trigger the line.
        string? origin = context.Request.Headers.Origin, shown = context.Request.Headers.Authorization;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == context.Request.Host.Value))
            return Error(StatusCodes.Status403Forbidden, $"'{origin}' is another site");
        return token is null || (shown?.StartsWith(Bearer, StringComparison.Ordinal) == true && token.Is(shown[Bearer.Length..]))
            ? null
            : Error(StatusCodes.Status401Unauthorized, "want the token of http.token_file: 'Authorization: Bearer TOKEN'");
    }

    private static async Task<(int Status, byte[] Body)> InspectAsync(HttpContext context, IReadOnlyList<Camera> cameras, TriggerService triggers, VerdictEvents events, int maxUploadMb)
    {
        var asked = cameras.Where(c => c.Options.Trigger == TriggerMode.Http).ToList();
        string? name = context.Request.Query["camera"], id = context.Request.Query["id"];
        if (asked.FindAll(c => name is null || c.Options.Name == name) is not [var camera])
            return Error(StatusCodes.Status404NotFound, $"want ?camera= one of the cameras triggered over HTTP ({(asked.Count == 0 ? "there is none" : string.Join(", ", asked.Select(c => c.Options.Name)))}), got '{name ?? "none"}'");
        if (id is not null && (id.Length is 0 or > StationTopics.MaxNameLength || id.Any(char.IsControl)))
            return Error(StatusCodes.Status400BadRequest, $"id: want 1 to {StationTopics.MaxNameLength} characters");

        SentFrame? sent = null;
        if (camera.Options.FramesAreSent)
        {
            if (await BodyAsync(context, maxUploadMb * 1_000_000) is not { } body)
                return Error(StatusCodes.Status413PayloadTooLarge, $"the image is larger than http.max_upload_mb, {maxUploadMb} MB");
            if (NoImage(context.Request, body.Span) is { } kind)
                return Error(StatusCodes.Status415UnsupportedMediaType, $"the body is {kind}; want the bytes of a PNG, JPEG, BMP or TIFF file alone: curl --data-binary @part.png");
            sent = new SentFrame(body, id ?? "upload");
        }
        else if (context.Request.ContentLength > 0)
        {
            return Error(StatusCodes.Status400BadRequest, $"{camera.Options.Name} takes its own frames: send no body");
        }

        return await FireAsync(camera, id, sent, triggers, events, context.RequestAborted);
    }

    private static async Task<(int Status, byte[] Body)> FireAsync(Camera camera, string? id, SentFrame? sent, TriggerService triggers, VerdictEvents events, CancellationToken aborted)
    {
        var reported = new TaskCompletionSource<VerdictMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The trigger's id is chosen before it is fired, as its verdict may be reported before Fire returns.
        var trigger = id ?? Guid.CreateVersion7().ToString();
        events.Reported += OnReported;
        events.Ended += OnEnded;
        try
        {
            if (triggers.Fire(camera, trigger, "http", sent, out var isRepeated) is null)
            {
                return isRepeated
                    ? Error(StatusCodes.Status409Conflict, $"'{id}' has been inspected, or is being inspected; its verdict is on MQTT")
                    : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
            }

            return await reported.Task.WaitAsync(aborted) is { } verdict
                ? (sent is not null && verdict is { Verdict: Verdict.Invalid, Fault: null } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK, StationMessages.Content(verdict))
                : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
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

        void OnEnded() => reported.TrySetResult(null);
    }

    /// <returns>A description of a body that is no image file; null where it may be one.</returns>
    private static string? NoImage(HttpRequest request, ReadOnlySpan<byte> body)
    {
        string? type = request.ContentType, encoding = request.Headers.ContentEncoding;
        return type?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true ? "a form (multipart)"
            : encoding is not null and not "identity" ? $"compressed ({encoding})"
            : FileKind.Describe(body[..Math.Min(body.Length, 1024)]) is { } kind and not FileKind.Picture ? kind
            : null;
    }

    /// <returns>The body; null where it is larger than the limit.</returns>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context, int maxBytes)
    {
        // The server's own limit is lower, and its refusal has no text.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        // As large as the client says: a buffer that grows would take three times the image. One byte more shows that it ends there.
        var body = new byte[Math.Min(context.Request.ContentLength ?? MinBuffer, maxBytes) + 1];
        var length = 0;
        for (int read; (read = await context.Request.Body.ReadAsync(body.AsMemory(length), context.RequestAborted)) > 0;)
        {
            length += read;
            if (length > maxBytes)
                return null;
            if (length == body.Length)
                Array.Resize(ref body, (int)Math.Min(2L * body.Length, maxBytes + 1L));
        }

        return body.AsMemory(0, length);
    }

    private static (int Status, byte[] Body) Error(int status, string text) => (status, System.Text.Encoding.UTF8.GetBytes(text + "\n"));
}
