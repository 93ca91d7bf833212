using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace MrfAd.Testing;

/// <summary>The side of systemd in sd_notify: a socket that receives the datagrams of a service.</summary>
public sealed class ServiceManager : IDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();

    public ServiceManager()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _ = ReceiveAsync();
    }

    /// <summary>The path of the socket, for <c>$NOTIFY_SOCKET</c>.</summary>
    public string Path => _folder.File("notify");

    /// <returns>The next datagram that contains <paramref name="part"/>; those before it are skipped.</returns>
    public async Task<string> ReceivedAsync(string part)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (await _received.Reader.ReadAsync(timeout.Token) is { } message)
        {
            if (message.Contains(part, StringComparison.Ordinal))
                return message;
        }

        throw new InvalidOperationException("the socket has ended");
    }

    /// <returns>All datagrams since the last call.</returns>
    public IReadOnlyList<string> Received()
    {
        var all = new List<string>();
        while (_received.Reader.TryRead(out var message))
            all.Add(message);
        return all;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
                _received.Writer.TryWrite(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _received.Writer.TryComplete();
        }
    }
}
