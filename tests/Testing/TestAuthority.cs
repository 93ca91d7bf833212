using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MrfAd.Testing;

/// <summary>A certificate authority for one test, with the files that it issues.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _root = request.CreateSelfSigned(Now.AddDays(-60), Now.AddDays(60));
        File.WriteAllText(CaFile, _root.ExportCertificatePem());
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public string CaFile => _folder.File("ca.pem");

    /// <param name="name">The subject, which is the only host name of the certificate and the name of its files.</param>
    /// <param name="expired">True for a certificate that expired yesterday.</param>
    /// <returns>The PEM files of the certificate and its key.</returns>
    public (string Certificate, string Key) Issue(string name, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_root, Now.AddDays(-30), expired ? Now.AddDays(-1) : Now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        var files = (_folder.File($"{name}.crt"), _folder.File($"{name}.key"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }
}
