namespace MrfAd.Station.Options;

/// <summary>A public key, ECDSA P-256, whose signatures are believed. Where one is to be replaced, the old and the new stand side by side for a while.</summary>
public sealed record TrustedKey
{
    /// <summary>What a signed message calls it.</summary>
    public string Id { get; init; } = "";

    /// <summary>PEM ("BEGIN PUBLIC KEY").</summary>
    public string PublicKeyFile { get; init; } = "";

    /// <summary>From then on it is no longer believed; null: it does not expire.</summary>
    public DateTimeOffset? Expires { get; init; }
}
