using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace MrfAd.Testing;

/// <summary>systemd's end of sd_notify: a socket that hears what a service says.</summary>
public sealed class ServiceManager : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

    public ServiceManager()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _ = ReceiveAsync();
    }

    /// <summary>For <c>$NOTIFY_SOCKET</c>.</summary>
    public string Path => _folder.File("notify");

    /// <returns>The next datagram that has <paramref name="part"/> in it; those before it are passed over.</returns>
    public async Task<string> HeardAsync(string part)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await _heard.Reader.ReadAsync(patience.Token) is { } message)
        {
            if (message.Contains(part, StringComparison.Ordinal))
                return message;
        }

        throw new InvalidOperationException("the socket has ended");
    }

    /// <returns>All that came since the last question.</returns>
    public IReadOnlyList<string> Heard()
    {
        var all = new List<string>();
        while (_heard.Reader.TryRead(out var message))
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
                _heard.Writer.TryWrite(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _heard.Writer.TryComplete();
        }
    }
}
