using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MrfAd.Agent.Mqtt;

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
        var (found, fault) = ("", (string?)null);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, errors) =>
        {
            var shown = (X509Certificate2)certificate!;
            found = $"the broker's certificate {shown.Subject} is good until {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}";
            fault = Fault(shown, chain!, errors, name);
            return fault is null;
        });
        try
        {
            await stream.AuthenticateAsClientAsync(Ask(options.Tls, name), cancellationToken);
            return found;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, fault ?? $"no TLS with {options.Host}:{options.Port}: {e.GetBaseException().Message}", e);
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

    private static string? Fault(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors, string name)
    {
        var told = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? [$"it is not for '{name}'"] : new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            told.AddRange(chain.ChainStatus.Select(s => s.StatusInformation.TrimEnd('.', ' ')));
        return errors == SslPolicyErrors.None ? null
            : $"the broker's certificate {certificate.Subject} ({certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}) is not trusted: {string.Join("; ", told)}";
    }
}
