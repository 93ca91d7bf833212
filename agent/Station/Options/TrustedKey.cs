namespace MrfAd.Station.Options;

/// <summary>A public key, ECDSA P-256, whose signatures are trusted. To replace one, the old and the new are listed side by side for a while.</summary>
public sealed record TrustedKey
{
    /// <summary>The name by which a signed message refers to the key.</summary>
    public string Id { get; init; } = "";

    /// <summary>The PEM file of the key ("BEGIN PUBLIC KEY").</summary>
    public string PublicKeyFile { get; init; } = "";

    /// <summary>The time from which on the key is no longer trusted; null means that it does not expire.</summary>
    public DateTimeOffset? Expires { get; init; }
}
