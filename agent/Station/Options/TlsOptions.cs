namespace MrfAd.Station.Options;

/// <summary>The options of an encrypted connection to the broker, TLS 1.2 or newer. All files are PEM.</summary>
public sealed record TlsOptions
{
    /// <summary>Encrypts the connection.</summary>
    public bool Enabled { get; init; }

    /// <summary>The only certificate authorities that are trusted to sign the broker's certificate; null means those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client certificate that is shown to the broker; null means none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of <see cref="CertificateFile"/>, without a password; it is protected by the file's mode, or by systemd's credentials.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The name that the broker's certificate must carry; null means the host that is connected to.</summary>
    public string? ServerName { get; init; }
}
