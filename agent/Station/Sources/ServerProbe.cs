using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace MrfAd.Station.Sources;

/// <summary>Finds out why a server could not be reached, which GStreamer does not say.</summary>
public static class ServerProbe
{
    // Longer than a camera takes to answer, shorter than a person is willing to wait.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <returns>The reason why no connection can be made; null where one can be made.</returns>
    public static string? Fault(Uri server)
    {
        using var stop = new CancellationTokenSource(ConnectTimeout);
        return FaultAsync(server, stop.Token).GetAwaiter().GetResult();
    }

    private static async Task<string?> FaultAsync(Uri server, CancellationToken stop)
    {
        var place = $"{server.DnsSafeHost}:{Port(server)}";
        try
        {
            using var client = new TcpClient();
            // Cancelling does not end the look-up of a name, therefore the wait is cancelled as well.
            await client.ConnectAsync(server.DnsSafeHost, Port(server), stop).AsTask().WaitAsync(stop).ConfigureAwait(false);
            return server.Scheme is "https" or "rtsps" ? await TlsFaultAsync(client, server, place, stop).ConfigureAwait(false) : null;
        }
        catch (SocketException e)
        {
            return $"{place} cannot be reached: {e.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"{place} does not answer within {ConnectTimeout.TotalSeconds:0} s";
        }
    }

    private static async Task<string?> TlsFaultAsync(TcpClient client, Uri server, string place, CancellationToken stop)
    {
        string? fault = null;
        try
        {
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: true, (_, _, _, errors) =>
            {
                fault = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"{place} shows a certificate that is not for {server.DnsSafeHost}"
                    : errors != SslPolicyErrors.None ? $"{place} shows a certificate that is not trusted here"
                    : null;
                return fault is null;
            });
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.DnsSafeHost }, stop).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return fault ?? $"{place} does not speak TLS: {e.Message}";
        }
    }

    private static int Port(Uri server) => server.Port > 0 ? server.Port : server.Scheme == "rtsps" ? 322 : 554;
}
