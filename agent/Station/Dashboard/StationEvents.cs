using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Dashboard;

/// <summary>Server-sent events of a page: each verdict as it is given, and the station's state after a change and every few seconds.</summary>
/// <param name="stopping">Ends what pages listen to: the station does not wait for them.</param>
internal sealed class StationEvents(RecentVerdicts recent, StationSnapshot facts, TimeProvider clock, CancellationToken stopping)
{
    // Verdicts that a page too slow to read them may be behind.
    private const int MaxPending = 64;

    // A page that hears nothing for three times as long takes the line for cut.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(4);

    public async Task SendAsync(HttpContext context)
    {
        var events = Channel.CreateBounded<(string Name, JsonNode Data)>(new BoundedChannelOptions(MaxPending) { FullMode = BoundedChannelFullMode.DropOldest });
        void AddVerdict(RecentVerdict verdict) => events.Writer.TryWrite(("verdict", verdict.ToJson()));
        void AddStation() => events.Writer.TryWrite(("station", facts.Write()));
        recent.Added += AddVerdict;
        facts.Changed += AddStation;
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
            facts.Changed -= AddStation;
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
