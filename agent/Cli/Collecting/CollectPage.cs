using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Platform;
using MrfAd.Station.Capture;
using MrfAd.Station.Http;
using MrfAd.Station.Pages;

namespace MrfAd.Cli.Collecting;

/// <summary>The page of a collection, on the loopback alone: the newest picture, the counts, and what was flagged. It also takes triggers and images over HTTP.</summary>
public sealed class CollectPage(CollectOptions options, CollectFolder folder, CollectProgress progress, PictureRequests requests)
{
    // The default of http.max_upload_mb.
    private const int MaxImageBytes = 64_000_000;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>Begins to serve.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="hasPage">False serves triggers and images alone.</param>
    /// <returns>The server, which the caller disposes of.</returns>
    /// <exception cref="UsageException">Another program has the port.</exception>
    public async Task<WebApplication> StartAsync(int port, bool hasPage)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = MaxImageBytes;
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseHostNames([]);
        if (hasPage)
            MapPage(app);
        if (options.Trigger is CollectTrigger.Key or CollectTrigger.Http)
            app.MapPost("/inspect", TakeAsync);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new UsageException($"--port: {port} cannot be served: {e.GetBaseException().Message}; choose another one, 0 for any that is free, or --no-preview");
        }
    }

    private void MapPage(WebApplication app)
    {
        app.MapGet("/", context => PageFiles.SendAsync(context, "collect.html", typeof(CollectPage).Assembly));
        app.MapGet("/collect.js", context => PageFiles.SendAsync(context, "collect.js", typeof(CollectPage).Assembly));
        foreach (var file in (string[])["page.css", "dashboard.css", "dom.js"])
            app.MapGet("/" + file, context => PageFiles.SendAsync(context, file, typeof(PageFiles).Assembly));
        app.MapGet("/api/collect", context => SendAsync(context, StatusCodes.Status200OK, progress.Status()));
        app.MapGet("/newest.png", context => SendPictureAsync(context, progress.NewestPng));
        app.MapGet("/flagged/{name}", context => SendPictureAsync(context, Flagged((string)context.Request.RouteValues["name"]!)));
    }

    /// <returns>The bytes of a picture that was flagged; null where there is none of this name, or it was taken away.</returns>
    private byte[]? Flagged(string name)
    {
        if (!progress.IsFlagged(name))
            return null;
        try
        {
            return UserFiles.ReadBytes(Path.Combine(folder.Flagged, name));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        // A browser names the page that makes the request; a page of another site must not trigger the camera.
        string? origin = context.Request.Headers.Origin;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == context.Request.Host.Value))
        {
            await SendAsync(context, StatusCodes.Status403Forbidden, new { error = $"'{origin}' is another site" });
            return;
        }

        try
        {
            var body = await BodyAsync(context);
            if (body.IsEmpty == options.Camera.FramesAreSent)
            {
                await SendAsync(context, StatusCodes.Status400BadRequest, new { error = body.IsEmpty ? "want an image file as the body" : "the camera takes its own pictures: send no body" });
                return;
            }

            var reply = new TaskCompletionSource<CollectedPicture>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!requests.Fire(new PictureRequest(body.IsEmpty ? null : new SentFrame(body, "upload"), reply)))
            {
                await SendAsync(context, StatusCodes.Status429TooManyRequests, new { error = "too many wait already" });
                return;
            }

            var picture = await reply.Task.WaitAsync(context.RequestAborted);
            await SendAsync(context, StatusCodes.Status200OK, new { file = picture.Path, flagged = picture.Reason, same_as = picture.SameAs });
        }
        catch (BadHttpRequestException e)
        {
            await SendAsync(context, e.StatusCode, new { error = e.Message });
        }
        catch (IOException e)
        {
            await SendAsync(context, StatusCodes.Status422UnprocessableEntity, new { error = e.Message });
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static async Task SendPictureAsync(HttpContext context, byte[]? png)
    {
        context.Response.StatusCode = png is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        context.Response.ContentType = "image/png";
        context.Response.Headers.CacheControl = "no-store";
        if (png is not null)
            await context.Response.Body.WriteAsync(png, context.RequestAborted);
    }

    private static async Task SendAsync(HttpContext context, int status, object answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, Json), context.RequestAborted);
    }
}
