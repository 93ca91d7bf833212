using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("A signed command, which a station with trusted keys requires instead of the plain payload.")]
public sealed record SignedCommand
{
    [Description("The id of the key in the station's configuration.")]
    [Length(1, StationTopics.MaxNameLength)]
    public required string Key { get; init; }

    [Description("When it was signed; in the signed text as UTC, yyyy-MM-ddTHH:mm:ss.fffZ.")]
    public required DateTimeOffset At { get; init; }

    [Description("A text that is never used twice; without a line feed.")]
    [Length(1, StationTopics.MaxNameLength)]
    public required string Nonce { get; init; }

    [Description("The command's own payload, as text.")]
    public required string Body { get; init; }

    [Description("Base64 of the ECDSA P-256 signature (SHA-256, DER) over the lines 'mrfad-command/1', mrfad/v1/<site>/<line>/<station>, command, key, at, nonce, body, joined by a line feed.")]
    public required byte[] Signature { get; init; }
}
