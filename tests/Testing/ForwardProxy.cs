using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MrfAd.Testing;

/// <summary>An HTTP proxy on loopback that forwards every host to one local port, so that requests that reach that server under another name came through the proxy.</summary>
public sealed class ForwardProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly int _target;
    private readonly Task _accepting;

    public ForwardProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The first line of each connection: "GET http://models.example/m HTTP/1.1", "CONNECT models.example:443 HTTP/1.1".</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync();
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            var (from, head) = (client.GetStream(), new byte[16 * 1024]);
            var length = 0;
            while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8) && await from.ReadAsync(head.AsMemory(length)) is var read and > 0)
                length += read;
            var line = Encoding.ASCII.GetString(head, 0, length).Split("\r\n")[0];
            _requests.Enqueue(line);
            await server.ConnectAsync(IPAddress.Loopback, _target);
            var to = server.GetStream();
            if (line.StartsWith("CONNECT ", StringComparison.Ordinal))
                await from.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            else
                await to.WriteAsync(head.AsMemory(0, length)); // servers accept absolute addresses as well
            await Task.WhenAny(from.CopyToAsync(to), to.CopyToAsync(from));
        }
    }
}
