using System.Net;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Upgrades;

/// <summary>Asks a station of this machine for its state, at <c>/healthz</c>.</summary>
public static class StationProbe
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <returns>The address at which a server that listens there is reached from this machine.</returns>
    public static IPEndPoint Reachable(HttpOptions http)
    {
        var address = IPAddress.Parse(http.Address);
        return new IPEndPoint(address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address, http.Port);
    }

    /// <returns>The state; null where no station answers.</returns>
    public static async Task<StationStateMessage?> StateAsync(string place, CancellationToken cancellation)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri($"http://{place}/healthz"), cancellation);
            var state = await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(cancellation), MessageJson.Default.StationStateMessage, cancellation);
            return state is { Schema: StationStateMessage.SchemaName } ? state : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null; // nobody, or another program
        }
    }
}
