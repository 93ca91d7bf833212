using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>Looks at the broker's certificate, to say in words what a failed handshake does not.</summary>
public static class TlsProbe
{
    /// <returns>Whose certificate the broker shows, and until when it is good.</returns>
    /// <exception cref="MqttLinkException">It is not one to be trusted; the text says why.</exception>
    public static async Task<string> LookAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var name = options.Tls.ServerName ?? options.Host;
        using var client = new TcpClient();
        await client.ConnectAsync(options.Host, options.Port, cancellationToken);
        var (found, seen) = ("", new BrokerCertificate(options));
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, errors) =>
        {
            var shown = (X509Certificate2)certificate!;
            found = $"the broker's certificate {shown.Subject} is good until {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}";
            return seen.Check(shown, chain!, errors);
        });
        try
        {
            await stream.AuthenticateAsClientAsync(Ask(options.Tls, name), cancellationToken);
            return found;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, seen.Fault ?? $"no TLS with {options.Host}:{options.Port}: {ConnectFailure.Describe(e, options, seen.IsTrusted)}", e);
        }
    }

    private static SslClientAuthenticationOptions Ask(TlsOptions tls, string name)
    {
        var ask = new SslClientAuthenticationOptions { TargetHost = name };
        if (TlsFiles.Identity(tls) is { } identity)
            ask.ClientCertificates = [identity];
        if (TlsFiles.Authorities(tls) is { } authorities)
        {
            ask.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            ask.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return ask;
    }
}
