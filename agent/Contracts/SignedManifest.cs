using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>A manifest with its signature: the file <c>x.mrfbank.sig</c>, and the payload of <c>update/offer</c>.</summary>
[Description("A manifest with its signature: the offer of a new version to a station, which then asks for its chunks.")]
public sealed record SignedManifest
{
    public const string SchemaName = "mrfad.offer.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("The id of the key in the station's configuration.")]
    [Length(1, StationTopics.MaxNameLength)]
    public required string Key { get; init; }

    [Description("The manifest's JSON, as text; every byte of it is signed.")]
    public required string Manifest { get; init; }

    [Description("Base64 of the ECDSA P-256 signature (SHA-256, DER) over the lines 'mrfad-manifest/1', key, manifest, joined by a line feed.")]
    public required byte[] Signature { get; init; }
}
