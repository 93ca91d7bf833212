namespace MrfAd.Agent.Control;

/// <summary>A public key, ECDSA P-256, whose signed commands are carried out.</summary>
public sealed record TrustedKey
{
    /// <summary>What a signed command calls it.</summary>
    public string Id { get; init; } = "";

    /// <summary>PEM ("BEGIN PUBLIC KEY").</summary>
    public string PublicKeyFile { get; init; } = "";
}
