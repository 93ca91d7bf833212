using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>A web server that the station may fetch from and that sends it elsewhere; it counts who comes to a place that nobody should ask for.</summary>
internal sealed class LureServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;
    private int _visits;

    public LureServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of requests beyond the folder that the station may fetch from.</summary>
    public int Visits => Volatile.Read(ref _visits);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync();
            var request = new byte[8192];
            var length = await socket.ReceiveAsync(request);
            if (!Encoding.ASCII.GetString(request, 0, length).StartsWith("GET /models/", StringComparison.Ordinal))
                Interlocked.Increment(ref _visits);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{Port}/secret\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }
}
