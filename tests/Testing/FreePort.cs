using System.Net;
using System.Net.Sockets;

namespace MrfAd.Testing;

public static class FreePort
{
    /// <returns>A loopback port that was free a moment ago.</returns>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
