using System.Security.Cryptography;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Station.Keys;

/// <summary>A private key, ECDSA P-256, with its id: the file <c>office-1.key</c> holds the key "office-1".</summary>
public sealed class SigningKey : IDisposable
{
    private const string Extension = ".key";

    // 600,000: OWASP's minimum number of rounds for PBKDF2 with SHA-256 (2023).
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    private readonly ECDsa _key;

    private SigningKey(string id, ECDsa key) => (Id, _key) = (id, key);

    public string Id { get; }

    /// <summary>Makes a key pair in the PEM files <c>id.key</c> and <c>id.pub</c>.</summary>
    /// <param name="passphrase">Encrypts the private key (PKCS #8, AES-256); null stores it without encryption, readable by the owner of the file alone.</param>
    /// <exception cref="IOException">A key with this id exists already, or the folder cannot be written.</exception>
    public static SigningKey Create(string folder, string id, string? passphrase)
    {
        UserFiles.CreateFolder(folder);
        var (priv, pub) = (Path.Combine(folder, id + Extension), Path.Combine(folder, id + ".pub"));
        if (File.Exists(priv) || File.Exists(pub))
            throw new IOException($"there is a key '{id}' in {folder} already");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = passphrase is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, Encryption);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        UserFiles.Delete(priv + ".tmp"); // left by a process that was killed meanwhile
        using (var file = UserFiles.Open(priv + ".tmp", options))
        {
            file.Write(Encoding.ASCII.GetBytes(pem));
            file.Flush(flushToDisk: true);
        }

        AtomicFile.Rename(priv + ".tmp", priv);
        var made = new SigningKey(id, key);
        made.WritePublic(pub);
        return made;
    }

    /// <summary>Writes the public key as a PEM file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WritePublic(string file) => AtomicFile.Write(file, Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem()));

    /// <returns>True where the file holds the public key already.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool IsPublicIn(string file) => File.Exists(file) && UserFiles.ReadText(file) == _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>Reads a private key from a PEM file.</summary>
    /// <exception cref="IOException">The file cannot be read, holds no key of P-256, or the passphrase is wrong.</exception>
    public static SigningKey Open(string file, string? passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            var pem = UserFiles.ReadText(file);
            if (passphrase is null)
                key.ImportFromPem(pem);
            else
                key.ImportFromEncryptedPem(pem, passphrase);
            return key.KeySize == 256 ? new SigningKey(Path.GetFileNameWithoutExtension(file), key) : throw new IOException($"{file}: want a key of P-256, got one of {key.KeySize} bits");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new IOException($"{file} cannot be used as a private key: {e.Message}", e);
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> text) => _key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => _key.Dispose();
}
