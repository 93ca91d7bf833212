using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>Connects to the broker to inspect its certificate, which gives a clearer report than a failed handshake.</summary>
public static class TlsProbe
{
    /// <summary>Performs one TLS handshake with the broker.</summary>
    /// <returns>One sentence with the subject and end of validity of the broker's certificate.</returns>
    /// <exception cref="MqttLinkException">The certificate is not trusted; the text says why.</exception>
    public static async Task<string> InspectAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var name = options.Tls.ServerName ?? options.Host;
        using var client = new TcpClient();
        await client.ConnectAsync(options.Host, options.Port, cancellationToken);
        var (report, certificateCheck) = ("", new BrokerCertificate(options));
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, errors) =>
        {
            var shown = (X509Certificate2)certificate!;
            report = $"the broker's certificate {shown.Subject} is good until {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}";
            return certificateCheck.Check(shown, chain!, errors);
        });
        try
        {
            await stream.AuthenticateAsClientAsync(Ask(options.Tls, name), cancellationToken);
            return report;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, certificateCheck.Fault ?? $"no TLS with {options.Host}:{options.Port}: {ConnectFailure.Describe(e, options, certificateCheck.IsTrusted)}", e);
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
