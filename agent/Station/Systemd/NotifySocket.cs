using System.Net.Sockets;
using System.Text;

namespace MrfAd.Station.Systemd;

/// <summary>Sends datagrams of <c>KEY=value</c> lines to the service manager, as sd_notify(3) does.</summary>
/// <param name="path">The value of <c>$NOTIFY_SOCKET</c>; a leading '@' stands for the abstract name space.</param>
public sealed class NotifySocket(string path) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _manager = new(path.StartsWith('@') ? '\0' + path[1..] : path);

    /// <summary>Sends lines as one datagram.</summary>
    /// <exception cref="SocketException">Nobody listens on the socket.</exception>
    public void Send(params IEnumerable<string> lines) => _socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), _manager);

    public void Dispose() => _socket.Dispose();
}
