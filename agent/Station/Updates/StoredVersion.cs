using System.Text.Json.Serialization;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Updates;

/// <summary>A bank that the station has.</summary>
/// <param name="Key">Who signed it; null: the file that the configuration names.</param>
public sealed record StoredVersion(string Id, int Version, string Sha256, string? Key)
{
    public static StoredVersion Of(InspectorInfo info, string? key) => new(info.BankId, info.BankVersion, info.BankSha256, key);

    public static StoredVersion Of(ModelManifest manifest, string key) => new(manifest.Id, manifest.Version, manifest.Sha256, key);

    public BankVersion ToMessage() => new() { Id = Id, Version = Version, Sha256 = Sha256, Key = Key };

    public override string ToString() => $"{Id} version {Version}";

    /// <summary>Of its file, and of the signed manifest beside it.</summary>
    [JsonIgnore]
    public string FileName => $"{Sha256}.model";
}
