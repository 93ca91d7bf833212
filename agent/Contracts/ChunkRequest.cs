using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>update/want</c>.</summary>
[Description("A request of the station for chunks of the version it was offered; each comes as update/chunk/<sha256>/<number>, its bytes alone.")]
public sealed record ChunkRequest
{
    public const string SchemaName = "mrfad.want.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("The SHA-256 of the file, lower-case hexadecimal.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Sha256 { get; init; }

    [Description("The number of the first chunk, from 0.")]
    [Range(0, int.MaxValue)]
    public required int From { get; init; }

    [Description("The number of chunks.")]
    [Range(1, 64)]
    public required int Count { get; init; }
}
