using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Testing;

/// <summary>Signs banks as their maker does, with a key in a folder of its own.</summary>
public sealed class BankSigner : IDisposable
{
    public const string Passphrase = "a long one";

    private readonly TemporaryFolder _folder = new();
    private readonly SigningKey _key;

    public BankSigner(string key = "office") => _key = SigningKey.Create(_folder.Path, key, passphrase: null);

    public SigningKey Key => _key;

    /// <summary>The public key as in a station's configuration.</summary>
    public TrustedKey Trusted => new() { Id = _key.Id, PublicKeyFile = _folder.File($"{_key.Id}.pub") };

    public string File(string name) => _folder.File(name);

    /// <summary>Writes the signed manifest of a model file beside it, and returns the path of the model file.</summary>
    public string Sign(string path, int chunkBytes = Manifests.MinChunkBytes)
    {
        var manifest = Manifests.Make(path, "0.1.0", chunkBytes, null, CancellationToken.None);
        System.IO.File.WriteAllBytes(path + Manifests.Extension, Manifests.Bytes(Manifests.Sign(manifest, _key)));
        return path;
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }
}
