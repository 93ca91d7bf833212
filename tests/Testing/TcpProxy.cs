using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MrfAd.Testing;

/// <summary>Sits between a client and a server on loopback and can cut the line, as a pulled plug would.</summary>
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

    /// <summary>Each piece of up to 64 KiB waits this long before it is passed on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>From now on nothing passes, in either direction; the connections stay open.</summary>
    public void Hold() => _holding = true;

    /// <summary>Completes when something was held back.</summary>
    public Task HeldAsync() => _held.Task;

    /// <summary>Resets all connections, both ends; new ones are accepted.</summary>
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
            // The server is not there: the client sees its connection close.
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
