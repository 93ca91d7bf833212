using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>Reads the certificate and key files of <see cref="TlsOptions"/>.</summary>
public static class TlsFiles
{
    /// <summary>Reads the trusted certificate authorities.</summary>
    /// <returns>The authorities of the CA file; null where none is configured and those of the system are trusted.</returns>
    /// <exception cref="MqttLinkException">The file cannot be read or holds no certificate; the text names it.</exception>
    public static X509Certificate2Collection? Authorities(TlsOptions tls)
    {
        if (tls.CaFile is null)
            return null;
        var authorities = new X509Certificate2Collection();
        Read($"the CA file '{tls.CaFile}'", () => authorities.ImportFromPem(UserFiles.ReadText(tls.CaFile)));
        return authorities.Count > 0 ? authorities : throw new MqttLinkException(MqttFailure.NotConnected, $"the CA file '{tls.CaFile}' holds no certificate");
    }

    /// <summary>Reads the station's own certificate with its key.</summary>
    /// <returns>The certificate; null where none is configured.</returns>
    /// <exception cref="MqttLinkException">A file cannot be read, or the key is not the certificate's; the text names them.</exception>
    public static X509Certificate2? Identity(TlsOptions tls)
    {
        if (tls.CertificateFile is null || tls.KeyFile is null)
            return null;
        X509Certificate2? identity = null;
        Read($"the certificate '{tls.CertificateFile}' with the key '{tls.KeyFile}'", () => identity = X509Certificate2.CreateFromPem(UserFiles.ReadText(tls.CertificateFile), UserFiles.ReadText(tls.KeyFile)));
        return identity;
    }

    /// <summary>Reads all files and checks the validity of their certificates.</summary>
    /// <returns>One sentence with the subject and end of validity of the station's certificate.</returns>
    /// <exception cref="MqttLinkException">A file cannot be used, or its certificate is not valid at this time; the text names it.</exception>
    public static string Check(TlsOptions tls, DateTimeOffset now)
    {
        foreach (var authority in Authorities(tls) ?? [])
            CheckTime($"the authority '{authority.Subject}' in '{tls.CaFile}'", authority, now);
        using var identity = Identity(tls);
        if (identity is null)
            return "no certificate of our own";
        CheckTime($"the certificate '{tls.CertificateFile}' ({identity.Subject})", identity, now);
        return $"our certificate {identity.Subject} is good until {identity.NotAfter.ToUniversalTime():yyyy-MM-dd}";
    }

    private static void CheckTime(string what, X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now > until)
            throw new MqttLinkException(MqttFailure.NotConnected, $"{what} expired on {until:yyyy-MM-dd}");
        if (now < from)
            throw new MqttLinkException(MqttFailure.NotConnected, $"{what} is not valid before {from:yyyy-MM-dd HH:mm} UTC; is the clock right?");
    }

    private static void Read(string what, Action read)
    {
        try
        {
            read();
        }
        // An ArgumentException is thrown where the key belongs to another certificate.
        catch (Exception e) when (e is IOException or CryptographicException or ArgumentException)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, $"{what} cannot be used: {e.Message}", e);
        }
    }
}
