using System.Security.Cryptography;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>The keys whose versions this station accepts: the configured ones, and its own, which signs corrections.</summary>
public sealed class UpdateTrust : IDisposable
{
    private readonly TrustedKeys _keys;

    /// <param name="folder">The folder of the station's own key, which is created at the first start.</param>
    /// <exception cref="IOException">A key cannot be read or written.</exception>
    public UpdateTrust(UpdateOptions options, string station, string folder, TimeProvider clock)
    {
        var id = $"station-{station}";
        var file = Path.Combine(folder, id);
        Own = OpenOwn(folder, id, file);
        // A power loss may have come before it was written whole. Where it is right it is left alone: a disk that is full or read-only must not keep the station from starting.
        if (!Own.IsPublicIn(file + ".pub"))
            Own.WritePublic(file + ".pub");
        _keys = new TrustedKeys([.. options.TrustedKeys.Where(k => k.Id != id), new TrustedKey { Id = id, PublicKeyFile = file + ".pub" }], clock);
    }

    /// <summary>The station's own key, which signs corrections.</summary>
    public SigningKey Own { get; }

    /// <summary>One sentence where the station's own key was damaged and a new one was made; null where it was not.</summary>
    public string? Damage { get; private set; }

    /// <inheritdoc cref="Manifests.Open"/>
    public ModelManifest Open(SignedManifest offer) => Manifests.Open(offer, _keys);

    public void Dispose() => Own.Dispose();

    /// <summary>Opens the station's key, or makes one where there is none or it is damaged.</summary>
    private SigningKey OpenOwn(string folder, string id, string file)
    {
        if (File.Exists(file + ".key"))
        {
            try
            {
                return SigningKey.Open(file + ".key", null);
            }
            catch (IOException e) when (e.InnerException is ArgumentException or CryptographicException)
            {
                Damage = StateFile.SetAside(file + ".key", e.InnerException.Message, "a new key signs corrections from now on");
            }
        }

        UserFiles.Delete(file + ".pub"); // a public key without its private one
        return SigningKey.Create(folder, id, null);
    }
}
