using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MrfAd.Testing;

/// <summary>A proxy between a client and a server on loopback that can cut the connections, as a pulled plug would.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private static readonly LingerOption ResetAtClose = new(enable: true, seconds: 0);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly int _target;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _holding;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The delay of each piece of up to 64 KiB.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Holds back all data in both directions from now on; the connections stay open.</summary>
    public void Hold() => _holding = true;

    /// <summary>Completes when data was held back.</summary>
    public Task HeldAsync() => _held.Task;

    /// <summary>Resets all connections at both ends; new ones are accepted.</summary>
    public void Cut()
    {
        while (_sockets.TryTake(out var socket))
            socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync();
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            client.LingerState = server.LingerState = ResetAtClose;
            _sockets.Add(client);
            _sockets.Add(server);
            _ = ForwardAsync(client, server);
        }
    }

    private async Task ForwardAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server is down, so that the client sees its connection close.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            if (_holding)
            {
                _held.TrySetResult();
                continue;
            }

            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay);
            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
        }
    }
}
