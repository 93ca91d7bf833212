using System.Net.Sockets;
using System.Text;

namespace MrfAd.Station.Systemd;

/// <summary>The service manager's end of sd_notify(3): a datagram of <c>KEY=value</c> lines.</summary>
/// <param name="path">As <c>$NOTIFY_SOCKET</c> gives it; '@' stands for the abstract name space.</param>
public sealed class NotifySocket(string path) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _manager = new(path.StartsWith('@') ? '\0' + path[1..] : path);

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public void Send(params IEnumerable<string> lines) => _socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), _manager);

    public void Dispose() => _socket.Dispose();
}
