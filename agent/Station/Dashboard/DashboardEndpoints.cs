using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Control;
using MrfAd.Station.Options;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// The page and what it asks for. Looking is open unless the options close it; a command wants a session (the token was shown), its second value
/// in a header that no other site can send, and goes the way of MQTT's commands.
/// </summary>
public static class DashboardEndpoints
{
    private const string Cookie = "mrfad_session";

    // Verdicts that a page too slow to read them may be behind.
    private const int Behind = 64;

    // A page that hears nothing for three times as long takes the line for cut.
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(4);

    private static readonly string[] Files =
        ["dashboard.css", "dom.js", "common.js", "dashboard.js", "changes.js", "page.css", "plant.js"];

    /// <param name="plant">All stations of the broker; null: there is no such page.</param>
    /// <param name="stopping">Ends what pages listen to: the station does not wait for them.</param>
    public static void MapDashboard(
        this IEndpointRouteBuilder app, DashboardOptions options, DashboardSessions sessions, RecentVerdicts recent, StationFacts facts, CommandDesk desk,
        PlantFeed? plant, TimeProvider clock, CancellationToken stopping)
    {
        app.MapGet("/", context => SendFileAsync(context, "dashboard.html"));
        if (plant is not null)
        {
            app.MapGet("/plant", context => SendFileAsync(context, "plant.html"));
            app.MapPlant(plant, Read, RefuseAsync, stopping);
        }

        foreach (var file in Files)
            app.MapGet("/" + file, context => SendFileAsync(context, file));

        var legend = PagePicture.Legend();
        app.MapGet("/legend.png", context => SendAsync(context, legend, "image/png"));

        app.MapGet("/api/station", Read(context => WriteAsync(context, Station(context))));
        app.MapGet("/api/verdicts", Read(context => WriteAsync(context, Verdicts(context.Request.Query))));
        app.MapGet("/api/scores", Read(context => WriteAsync(context, Scores(context.Request.Query))));
        app.MapGet("/api/rate", Read(context => WriteAsync(context, Rate(context.Request.Query))));
        app.MapGet("/api/pictures/{id:guid}/{kind}", Read(SendPictureAsync));
        app.MapGet("/api/events", Read(SendEventsAsync));
        app.MapPost("/api/sign-in", SignInAsync);
        app.MapPost("/api/sign-out", Change(context =>
        {
            sessions.SignOut(context.Request.Cookies[Cookie]);
            context.Response.Cookies.Delete(Cookie);
            return Task.CompletedTask;
        }));
        app.MapPost("/api/commands/{name}", Change(CommandAsync));

        RequestDelegate Read(RequestDelegate next) => async context =>
        {
            if (options.Closed && Csrf(context) is null)
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, "this station shows itself only to who has its token");
            else
                await AnswerAsync(context, next);
        };

        RequestDelegate Change(RequestDelegate next) => async context =>
        {
            if (Csrf(context) is not { } csrf)
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, sessions.CanSignIn ? "sign in with the token first" : "nothing can be changed here: dashboard.token_file is not set");
            else if (context.Request.Headers["X-Csrf-Token"] != csrf)
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "want the session's X-Csrf-Token");
            else
                await AnswerAsync(context, next);
        };

        string? Csrf(HttpContext context) => sessions.CsrfOf(context.Request.Cookies[Cookie]);

        JsonObject Station(HttpContext context)
        {
            var station = facts.Write();
            station["can_sign_in"] = sessions.CanSignIn;
            station["plant"] = plant is not null;
            station["csrf"] = Csrf(context);
            return station;
        }

        JsonArray Verdicts(IQueryCollection query)
        {
            Verdict? verdict = query["verdict"].ToString() is { Length: > 0 } wanted
                ? Enum.TryParse<Verdict>(wanted, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : throw new BadHttpRequestException($"verdict: want OK, NG, INVALID or TIMEOUT, got '{wanted}'")
                : null;
            var most = query["limit"].ToString() is { Length: > 0 } limit
                ? int.TryParse(limit, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 1000 ? n : throw new BadHttpRequestException($"limit: want 1 to 1000, got '{limit}'")
                : 50;
            return [.. recent.Find(query["camera"].ToString() is { Length: > 0 } camera ? camera : null, verdict, most).Select(Write)];
        }

        JsonObject Scores(IQueryCollection query)
        {
            var scores = recent.Scores(Camera(query));
            return new JsonObject
            {
                ["at"] = new JsonArray([.. scores.Select(s => (JsonNode)s.At.ToUnixTimeMilliseconds())]),
                ["score"] = new JsonArray([.. scores.Select(s => (JsonNode)MathF.Round(s.Score, 4))]),
                ["ng"] = new JsonArray([.. scores.Select(s => (JsonNode)s.IsNg)]),
            };
        }

        JsonObject Rate(IQueryCollection query)
        {
            var scores = recent.Scores(Camera(query));
            if (!float.TryParse(query["threshold"], CultureInfo.InvariantCulture, out var threshold) || !float.IsFinite(threshold))
                throw new BadHttpRequestException($"threshold: want a number, got '{query["threshold"]}'");
            var above = scores.Count(s => s.Score >= threshold);
            var (low, high) = FalseAlarmRate.Interval(above, scores.Count);
            return new JsonObject { ["above"] = above, ["of"] = scores.Count, ["low"] = scores.Count == 0 ? 0 : low, ["high"] = scores.Count == 0 ? 1 : high };
        }

        string Camera(IQueryCollection query) => query["camera"].ToString() is { Length: > 0 } camera && facts.Cameras.Contains(camera)
            ? camera
            : throw new BadHttpRequestException($"camera: want one of {string.Join(", ", facts.Cameras)}, got '{query["camera"]}'");

        Task SendPictureAsync(HttpContext context)
        {
            var found = recent.Find(Guid.Parse((string)context.Request.RouteValues["id"]!));
            var (bytes, type) = (string)context.Request.RouteValues["kind"]! switch
            {
                "frame" => (found?.Frame, "image/jpeg"),
                "heatmap" => (found?.Heatmap, "image/png"),
                _ => (null, ""),
            };
            if (bytes is null)
                return RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such picture, or no longer");
            return SendAsync(context, bytes, type);
        }

        async Task SendEventsAsync(HttpContext context)
        {
            var events = Channel.CreateBounded<(string Name, JsonNode Data)>(new BoundedChannelOptions(Behind) { FullMode = BoundedChannelFullMode.DropOldest });
            void Add(RecentVerdict verdict) => events.Writer.TryWrite(("verdict", Write(verdict)));
            void Tell() => events.Writer.TryWrite(("station", facts.Write()));
            recent.Added += Add;
            facts.Changed += Tell;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await using var alive = clock.CreateTimer(_ => Tell(), null, SignOfLife, SignOfLife);
            try
            {
                context.Response.ContentType = "text/event-stream";
                context.Response.Headers.CacheControl = "no-store";
                Tell();
                await foreach (var (name, data) in events.Reader.ReadAllAsync(end.Token))
                {
                    await context.Response.WriteAsync($"event: {name}\ndata: {data.ToJsonString()}\n\n", end.Token);
                    await context.Response.Body.FlushAsync(end.Token);
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The page was closed, or the station is stopping.
            }
            finally
            {
                recent.Added -= Add;
                facts.Changed -= Tell;
            }
        }

        async Task SignInAsync(HttpContext context)
        {
            try
            {
                var token = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?["token"]?.GetValue<string>();
                if (sessions.SignIn(token ?? "") is not { } session)
                {
                    await RefuseAsync(context, StatusCodes.Status401Unauthorized, sessions.CanSignIn ? "this is not the station's token" : "this station has no token: dashboard.token_file is not set");
                    return;
                }

                context.Response.Cookies.Append(Cookie, session.Id, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, IsEssential = true });
                await WriteAsync(context, new JsonObject { ["csrf"] = session.Csrf });
            }
            catch (TooManyTriesException e)
            {
                await RefuseAsync(context, StatusCodes.Status429TooManyRequests, e.Message);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, """want { "token": "…" }""");
            }
        }

        async Task CommandAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var reply = await desk.CarryOutAsync(new CommandCall((string)context.Request.RouteValues["name"]!, body.ToArray(), null, "dashboard"), context.RequestAborted);
            context.Response.StatusCode = reply.Accepted ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
            await WriteAsync(context, JsonSerializer.SerializeToNode(reply, MessageJson.Default.CommandReply)!);
        }
    }

    /// <summary>A verdict as the page reads it: the message, and what there is beside it.</summary>
    private static JsonNode Write(RecentVerdict verdict)
    {
        var message = JsonSerializer.SerializeToNode(verdict.Message, MessageJson.Default.VerdictMessage)!;
        message["has_frame"] = verdict.Frame is not null;
        message["has_heatmap"] = verdict.Heatmap is not null;
        message["explanation"] = new JsonArray([.. verdict.Explanation.Select(spot => (JsonNode)new JsonObject
        {
            ["x_px"] = spot.X,
            ["y_px"] = spot.Y,
            ["score"] = spot.Score,
            ["image"] = spot.Nearest.Count > 0 ? Path.GetFileName(spot.Nearest[0].Image) : null,
            ["branch"] = spot.Nearest.Count > 0 ? spot.Nearest[0].Branch : null,
            ["distance"] = spot.Nearest.Count > 0 ? spot.Nearest[0].Distance : null,
        })]);
        return message;
    }

    /// <summary>What never changes.</summary>
    private static Task SendAsync(HttpContext context, byte[] bytes, string type)
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "private, max-age=86400, immutable";
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new JsonObject { ["error"] = why });
    }

    private static Task WriteAsync(HttpContext context, JsonNode json)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }

    private static async Task SendFileAsync(HttpContext context, string file)
    {
        var response = context.Response;
        response.ContentType = Path.GetExtension(file) switch { ".css" => "text/css", ".js" => "text/javascript", _ => "text/html" } + "; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        await using var content = typeof(DashboardEndpoints).Assembly.GetManifestResourceStream(file)!;
        await content.CopyToAsync(response.Body, context.RequestAborted);
    }
}
