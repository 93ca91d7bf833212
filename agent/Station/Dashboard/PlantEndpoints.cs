using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps the HTTP endpoints of the page of all stations: its events and its pictures.</summary>
internal static class PlantEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    /// <param name="stopping">Ends the event streams of open pages when the station stops.</param>
    public static void MapPlant(this IEndpointRouteBuilder app, PlantFeed feed, CancellationToken stopping)
    {
        app.MapGet("/plant/events", context => SendEventsAsync(context, feed, stopping));
        app.MapGet("/plant/pictures/{number:long}", context => SendPictureAsync(context, feed));
    }

    private static async Task SendEventsAsync(HttpContext context, PlantFeed feed, CancellationToken stopping)
    {
        using var watcher = feed.Watch(pictures: context.Request.Query["pictures"] == "true");
        if (watcher is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await JsonResponse.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"{PlantFeed.MaxWatchers} pages watch the plant through this station already");
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await TypedResults.ServerSentEvents(Items(watcher.ReadAsync(end.Token), end.Token)).ExecuteAsync(context);
    }

    private static Task SendPictureAsync(HttpContext context, PlantFeed feed)
    {
        if (feed.FindPicture(long.Parse((string)context.Request.RouteValues["number"]!, CultureInfo.InvariantCulture)) is not { } picture)
            return JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such picture, or no longer");
        context.Response.ContentType = picture.Type;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        // After a restart the same number may belong to another picture, which therefore must not be cached.
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(picture.Bytes, context.RequestAborted).AsTask();
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> Items(IAsyncEnumerable<PlantEvent> events, [EnumeratorCancellation] CancellationToken end)
    {
        await using var each = events.GetAsyncEnumerator(end);
        while (await NextAsync(each, end))
            yield return new SseItem<byte[]>(each.Current.Data, each.Current.Name);
    }

    /// <returns>False where there is nothing more, or the page was closed, or the station is stopping.</returns>
    private static async Task<bool> NextAsync(IAsyncEnumerator<PlantEvent> events, CancellationToken end)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }
}
