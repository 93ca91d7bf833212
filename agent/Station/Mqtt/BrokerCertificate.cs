using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>The certificate that the broker showed in one handshake, and why it is not trusted.</summary>
internal sealed class BrokerCertificate(MqttOptions options)
{
    private readonly string _name = options.Tls.ServerName ?? options.Host;

    /// <summary>One sentence that says why the certificate is not trusted; null where it is, or none has been received yet.</summary>
    public string? Fault { get; private set; }

    /// <summary>True once the certificate has been received and found valid.</summary>
    public bool IsTrusted { get; private set; }

    /// <summary>Checks the certificate during the TLS handshake.</summary>
    /// <param name="errors">The errors that TLS has found in the certificate.</param>
    /// <returns>True to continue the handshake.</returns>
    public bool Check(X509Certificate certificate, X509Chain chain, SslPolicyErrors errors)
    {
        IsTrusted = errors == SslPolicyErrors.None;
        if (IsTrusted)
            return true;
        List<string> faults = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            faults.Add($"it is not for '{_name}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            faults.AddRange(chain.ChainStatus.Select(s => s.StatusInformation.TrimEnd('.', ' ')));
        Fault = certificate is X509Certificate2 shown
            ? $"the broker's certificate {shown.Subject} ({shown.NotBefore.ToUniversalTime():yyyy-MM-dd} to {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}) is not trusted: {string.Join("; ", faults)}"
            : "the broker showed no certificate";
        return false;
    }
}
