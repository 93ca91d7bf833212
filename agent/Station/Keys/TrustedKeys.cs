using System.Security.Cryptography;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Keys;

/// <summary>The public keys whose signatures are accepted: ECDSA P-256 with SHA-256 in DER, as made by <c>openssl dgst -sha256 -sign</c>.</summary>
public sealed class TrustedKeys
{
    private readonly Dictionary<string, (ECDsa Key, DateTimeOffset? Expires)> _keys;
    private readonly TimeProvider _clock;

    /// <exception cref="IOException">A key file cannot be read, or holds no public key of P-256; the text names it.</exception>
    public TrustedKeys(IEnumerable<TrustedKey> keys, TimeProvider clock)
    {
        _keys = keys.ToDictionary(k => k.Id, k => (Read(k.PublicKeyFile), k.Expires), StringComparer.Ordinal);
        _clock = clock;
    }

    public int Count => _keys.Count;

    /// <summary>Verifies a signature.</summary>
    /// <returns>One sentence that says why the signature is refused; null where it is accepted.</returns>
    public string? Refuse(string id, ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (!_keys.TryGetValue(id, out var trusted))
            return $"the key '{id}' is not trusted here";
        if (trusted.Expires is { } expires && _clock.GetUtcNow() >= expires)
            return $"the key '{id}' expired at {expires:O}";
        return trusted.Key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? null : "the signature does not fit";
    }

    /// <summary>Reads a public key from a PEM file.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds no key of P-256; the text names it.</exception>
    public static ECDsa Read(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(UserFiles.ReadText(file));
            return key.KeySize == 256 ? key : throw new IOException($"{file}: want a key of P-256, got one of {key.KeySize} bits");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new IOException($"{file} holds no public key in PEM: {e.Message}", e);
        }
    }
}
