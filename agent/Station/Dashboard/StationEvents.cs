using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using MrfAd.Station.Collecting;

namespace MrfAd.Station.Dashboard;

/// <summary>Sends the server-sent events of a page: each new verdict, the station's state after a change and every few seconds, and that what is collected has changed.</summary>
/// <param name="stopping">Ends the event streams of open pages when the station stops.</param>
internal sealed class StationEvents(RecentVerdicts recent, StationSnapshot snapshot, Collections collections, TimeProvider clock, CancellationToken stopping)
{
    // The maximum number of unread events of a slow page; the oldest are dropped when there are more.
    private const int MaxPending = 64;

    // A page that receives nothing for three times as long takes the connection for lost.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(4);

    // Learning has hundreds of steps in a second; the page asks for what it shows after each event.
    private static readonly TimeSpan CollectionInterval = TimeSpan.FromMilliseconds(250);

    public async Task SendAsync(HttpContext context)
    {
        var events = Channel.CreateBounded<(string Name, JsonNode Data)>(new BoundedChannelOptions(MaxPending) { FullMode = BoundedChannelFullMode.DropOldest });
        void AddVerdict(RecentVerdict verdict) => events.Writer.TryWrite(("verdict", verdict.ToJson()));
        void AddStation() => events.Writer.TryWrite(("station", snapshot.Write()));
        var isCollectionNew = 1;
        void NoteCollection() => Volatile.Write(ref isCollectionNew, 1);
        void AddCollection()
        {
            if (Interlocked.Exchange(ref isCollectionNew, 0) == 1)
                events.Writer.TryWrite(("collection", new JsonObject()));
        }

        recent.Added += AddVerdict;
        collections.Changed += NoteCollection;
        snapshot.Changed += AddStation;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await using var alive = clock.CreateTimer(_ => AddStation(), null, KeepAliveInterval, KeepAliveInterval);
        await using var collected = collections.Models.Count == 0 ? null : clock.CreateTimer(_ => AddCollection(), null, CollectionInterval, CollectionInterval);
        try
        {
            AddStation();
            await WriteAsync(context.Response, events.Reader, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The page was closed, or the station is stopping.
        }
        finally
        {
            recent.Added -= AddVerdict;
            collections.Changed -= NoteCollection;
            snapshot.Changed -= AddStation;
        }
    }

    private static async Task WriteAsync(HttpResponse response, ChannelReader<(string Name, JsonNode Data)> events, CancellationToken end)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        await foreach (var (name, data) in events.ReadAllAsync(end))
        {
            await response.WriteAsync($"event: {name}\ndata: {data.ToJsonString()}\n\n", end);
            await response.Body.FlushAsync(end);
        }
    }
}
