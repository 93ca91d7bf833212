using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MrfAd.Cli.Security;

/// <summary>A certificate for a broker, issued by an authority that issues nothing else: its key is not kept.</summary>
/// <param name="Authority">PEM; clients trust it.</param>
/// <param name="Certificate">PEM, the broker's certificate.</param>
/// <param name="Key">PEM, the broker's private key, ECDSA P-256.</param>
public sealed record BrokerCertificate(string Authority, string Certificate, string Key)
{
    // A plant's broker is not replaced every year, and a certificate that expires stops the line.
    private const int Years = 10;

    /// <param name="hosts">The names and IP addresses by which clients call the broker; at least one.</param>
    public static BrokerCertificate Issue(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A clock that is a day behind must not refuse it.
        var (from, to) = (now.AddDays(-1), now.AddYears(Years));
        var root = new CertificateRequest($"CN=mrfad authority for {hosts[0]}", authorityKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, critical: false));
        using var authority = root.CreateSelfSigned(from, to);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // serverAuth
        using var certificate = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        return new BrokerCertificate(authority.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
