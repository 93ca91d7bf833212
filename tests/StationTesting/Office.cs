using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Testing;

/// <summary>Who makes banks: a folder with its key.</summary>
public sealed class Office : IDisposable
{
    public const string Passphrase = "a long one";

    private readonly TemporaryFolder _folder = new();
    private readonly SigningKey _key;

    public Office(string key = "office") => _key = SigningKey.Create(_folder.Path, key, passphrase: null);

    public SigningKey Key => _key;

    /// <summary>As it stands in a station's configuration.</summary>
    public TrustedKey Trusted => new() { Id = _key.Id, PublicKeyFile = _folder.File($"{_key.Id}.pub") };

    public string File(string name) => _folder.File(name);

    /// <returns>The same path, its signed manifest beside it.</returns>
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
