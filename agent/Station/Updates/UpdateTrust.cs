using MrfAd.Contracts;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;

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
        Own = File.Exists(file + ".key") ? SigningKey.Open(file + ".key", null) : SigningKey.Create(folder, id, null);
        if (!File.Exists(file + ".pub"))
            Own.WritePublic(file + ".pub"); // a power loss came before it was written
        _keys = new TrustedKeys([.. options.TrustedKeys.Where(k => k.Id != id), new TrustedKey { Id = id, PublicKeyFile = file + ".pub" }], clock);
    }

    /// <summary>The station's own key, which signs corrections.</summary>
    public SigningKey Own { get; }

    /// <inheritdoc cref="Manifests.Open"/>
    public ModelManifest Open(SignedManifest offer) => Manifests.Open(offer, _keys);

    public void Dispose() => Own.Dispose();
}
