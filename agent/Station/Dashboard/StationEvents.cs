using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Dashboard;

/// <summary>Sends the server-sent events of a page: each new verdict, and the station's state after a change and every few seconds.</summary>
/// <param name="stopping">Ends the event streams of open pages when the station stops.</param>
internal sealed class StationEvents(RecentVerdicts recent, StationSnapshot snapshot, TimeProvider clock, CancellationToken stopping)
{
    // The maximum number of unread events of a slow page; the oldest are dropped when there are more.
    private const int MaxPending = 64;

    // A page that receives nothing for three times as long takes the connection for lost.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(4);

    public async Task SendAsync(HttpContext context)
    {
        var events = Channel.CreateBounded<(string Name, JsonNode Data)>(new BoundedChannelOptions(MaxPending) { FullMode = BoundedChannelFullMode.DropOldest });
        void AddVerdict(RecentVerdict verdict) => events.Writer.TryWrite(("verdict", verdict.ToJson()));
        void AddStation() => events.Writer.TryWrite(("station", snapshot.Write()));
        recent.Added += AddVerdict;
        snapshot.Changed += AddStation;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await using var alive = clock.CreateTimer(_ => AddStation(), null, KeepAliveInterval, KeepAliveInterval);
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
