namespace MrfAd.Station.Options;

/// <summary>An encrypted connection to the broker, TLS 1.2 or newer. All files are PEM.</summary>
public sealed record TlsOptions
{
    public bool Enabled { get; init; }

    /// <summary>The authorities whose signature on the broker's certificate counts, and no others; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>What we show the broker; null: nothing.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of <see cref="CertificateFile"/>, without a password: its protection is the file's mode, or systemd's credentials.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The name that the broker's certificate must carry; null: the host that is connected to.</summary>
    public string? ServerName { get; init; }
}
