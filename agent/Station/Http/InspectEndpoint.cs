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
/// <c>POST /inspect</c>, answered with the verdict's JSON: the body is the image for a camera whose source is <c>http:</c>; it is empty for
/// one with a source of its own, which then takes a frame. What is no image file is refused with 415 and triggers nothing; one that cannot be used
/// (damaged, of another size) gets its verdict, INVALID, with 422. <c>?camera=NAME</c> where more than one has <c>"trigger": "http"</c>, <c>?id=</c> is the trigger's id.
/// </summary>
public static class InspectEndpoint
{
    private const string Bearer = "Bearer ";

    /// <param name="token">Null: none is asked for.</param>
    public static IEndpointConventionBuilder MapInspect(
        this IEndpointRouteBuilder app, IReadOnlyList<Camera> cameras, TriggerService desk, VerdictEvents events, int maxUploadMb, AccessToken? token) =>
        app.MapPost("/inspect", async context =>
        {
            var (status, body) = Refuse(context, token) ?? await InspectAsync(context, cameras, desk, events, maxUploadMb);
            context.Response.StatusCode = status;
            context.Response.ContentType = status is StatusCodes.Status200OK or StatusCodes.Status422UnprocessableEntity ? "application/json" : "text/plain; charset=utf-8";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });

    /// <returns>Null: whoever asks may.</returns>
    private static (int Status, byte[] Body)? Refuse(HttpContext context, AccessToken? token)
    {
        // A browser says from which page it asks; whatever somebody reads there must not trigger.
        string? origin = context.Request.Headers.Origin, shown = context.Request.Headers.Authorization;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == context.Request.Host.Value))
            return Error(StatusCodes.Status403Forbidden, $"'{origin}' is another site");
        return token is null || (shown?.StartsWith(Bearer, StringComparison.Ordinal) == true && token.Is(shown[Bearer.Length..]))
            ? null
            : Error(StatusCodes.Status401Unauthorized, "want the token of http.token_file: 'Authorization: Bearer TOKEN'");
    }

    private static async Task<(int Status, byte[] Body)> InspectAsync(HttpContext context, IReadOnlyList<Camera> cameras, TriggerService desk, VerdictEvents events, int maxUploadMb)
    {
        var asked = cameras.Where(c => c.Options.Trigger == TriggerMode.Http).ToList();
        string? name = context.Request.Query["camera"], id = context.Request.Query["id"];
        if (asked.FindAll(c => name is null || c.Options.Name == name) is not [var camera])
            return Error(StatusCodes.Status404NotFound, $"want ?camera= one of the cameras triggered over HTTP ({(asked.Count == 0 ? "there is none" : string.Join(", ", asked.Select(c => c.Options.Name)))}), got '{name ?? "none"}'");
        if (id is not null && (id.Length is 0 or > StationTopics.LongestName || id.Any(char.IsControl)))
            return Error(StatusCodes.Status400BadRequest, $"id: want 1 to {StationTopics.LongestName} characters");

        SentFrame? sent = null;
        if (camera.Options.FramesAreSent)
        {
            if (await BodyAsync(context, maxUploadMb * 1_000_000) is not { } body)
                return Error(StatusCodes.Status413PayloadTooLarge, $"the image is larger than http.max_upload_mb, {maxUploadMb} MB");
            if (NoImage(context.Request, body) is { } kind)
                return Error(StatusCodes.Status415UnsupportedMediaType, $"the body is {kind}; want the bytes of a PNG, JPEG, BMP or TIFF file alone: curl --data-binary @part.png");
            sent = new SentFrame(body, id ?? "upload");
        }
        else if (context.Request.ContentLength > 0)
        {
            return Error(StatusCodes.Status400BadRequest, $"{camera.Options.Name} takes its own frames: send no body");
        }

        return await FireAsync(camera, id, sent, desk, events, context.RequestAborted);
    }

    private static async Task<(int Status, byte[] Body)> FireAsync(Camera camera, string? id, SentFrame? sent, TriggerService desk, VerdictEvents events, CancellationToken aborted)
    {
        var given = new TaskCompletionSource<VerdictMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The trigger's id is known before it is fired: its verdict may be there before Fire returns.
        var trigger = id ?? Guid.CreateVersion7().ToString();
        events.Reported += OnGiven;
        events.Ended += OnEnded;
        try
        {
            if (desk.Fire(camera, trigger, "http", sent, out var isRepeated) is null)
            {
                return isRepeated
                    ? Error(StatusCodes.Status409Conflict, $"'{id}' has been inspected, or is being inspected; its verdict is on MQTT")
                    : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
            }

            return await given.Task.WaitAsync(aborted) is { } verdict
                ? (sent is not null && verdict is { Verdict: Verdict.Invalid, Fault: null } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK, StationMessages.Content(verdict))
                : Error(StatusCodes.Status503ServiceUnavailable, "the station is stopping");
        }
        finally
        {
            events.Reported -= OnGiven;
            events.Ended -= OnEnded;
        }

        void OnGiven(VerdictMessage verdict)
        {
            if (verdict.Camera == camera.Options.Name && verdict.Trigger.Id == trigger)
                given.TrySetResult(verdict);
        }

        void OnEnded() => given.TrySetResult(null);
    }

    /// <returns>What was sent in place of an image file; null: it may be one.</returns>
    private static string? NoImage(HttpRequest request, byte[] body)
    {
        string? type = request.ContentType, encoding = request.Headers.ContentEncoding;
        return type?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true ? "a form (multipart)"
            : encoding is not null and not "identity" ? $"compressed ({encoding})"
            : FileKind.Describe(body.AsSpan(0, Math.Min(body.Length, 1024))) is { } kind and not FileKind.Picture ? kind
            : null;
    }

    /// <returns>Null: too large.</returns>
    private static async Task<byte[]?> BodyAsync(HttpContext context, int most)
    {
        // The server's own limit is lower, and its answer says nothing.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        using var body = new MemoryStream();
        var piece = new byte[81920];
        for (int read; (read = await context.Request.Body.ReadAsync(piece, context.RequestAborted)) > 0;)
        {
            if (body.Length + read > most)
                return null;
            body.Write(piece, 0, read);
        }

        return body.ToArray();
    }

    private static (int Status, byte[] Body) Error(int status, string text) => (status, System.Text.Encoding.UTF8.GetBytes(text + "\n"));
}
