using System.Text.Json.Serialization;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Updates;

/// <summary>A version of a bank that is stored on the station.</summary>
/// <param name="Key">The id of the key that signed it; null for the configured file, which needs no signature.</param>
public sealed record StoredVersion(string Id, int Version, string Sha256, string? Key)
{
    public static StoredVersion Of(InspectorInfo info, string? key) => new(info.BankId, info.BankVersion, info.BankSha256, key);

    public static StoredVersion Of(ModelManifest manifest, string key) => new(manifest.Id, manifest.Version, manifest.Sha256, key);

    public BankVersion ToMessage() => new() { Id = Id, Version = Version, Sha256 = Sha256, Key = Key };

    public override string ToString() => $"{Id} version {Version}";

    /// <summary>The name of its file in the folder of the banks.</summary>
    [JsonIgnore]
    public string FileName => $"{Sha256}.model";
}
