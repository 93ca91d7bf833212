using MrfAd.Contracts;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>Whose versions this station takes: those of the configured keys, and its own (what it was taught).</summary>
public sealed class UpdateTrust : IDisposable
{
    private readonly TrustedKeys _keys;

    /// <param name="folder">Of the station's own key, which is made here at the first start.</param>
    /// <exception cref="IOException">A key cannot be read or written.</exception>
    public UpdateTrust(UpdateOptions options, string station, string folder, TimeProvider clock)
    {
        var id = $"station-{station}";
        var file = Path.Combine(folder, id);
        Own = File.Exists(file + ".key") ? SigningKey.Open(file + ".key", null) : SigningKey.Create(folder, id, null);
        if (!File.Exists(file + ".pub"))
            Own.WritePublic(file + ".pub"); // the power went before it was written
        _keys = new TrustedKeys([.. options.TrustedKeys.Where(k => k.Id != id), new TrustedKey { Id = id, PublicKeyFile = file + ".pub" }], clock);
    }

    /// <summary>For what is made here.</summary>
    public SigningKey Own { get; }

    /// <inheritdoc cref="Manifests.Open"/>
    public ModelManifest Open(SignedManifest offer) => Manifests.Open(offer, _keys);

    public void Dispose() => Own.Dispose();
}
