using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The description of a model file (a bank, or another kind) with the hash of each chunk; its JSON is the text that is signed. See UPDATE-PROTOCOL.md.</summary>
[Description("The description of a model file with the hash of each chunk; its JSON is the text that is signed.")]
public sealed record ModelManifest
{
    public const string SchemaName = "mrfad.manifest.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("The model's name; a station takes a version of it once.")]
    [RegularExpression("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")]
    public required string Id { get; init; }

    [Range(1, int.MaxValue)]
    public required int Version { get; init; }

    [Description("The format of the file: mrfad-bank/2, mrfad-bank/3, mrfad-bank/4, mrfad-bank/5 or mrfad-hlgfa/1.")]
    public required string Format { get; init; }

    public required string EncoderId { get; init; }

    [RegularExpression("^[0-9a-f]{64}$")]
    public required string EncoderSha256 { get; init; }

    [Description("The score from which on a part is defective, as calibrated.")]
    public required float Threshold { get; init; }

    [Description("The SHA-256 of the whole calibration, as stored in the file.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string CalibrationSha256 { get; init; }

    [Description("The SHA-256 of the training images; null where the file does not say.")]
    public string? TrainingSha256 { get; init; }

    public required DateTimeOffset Created { get; init; }

    [Description("The version of the oldest agent that can use it.")]
    public required string MinimumAgentVersion { get; init; }

    [Description("The size of the file in bytes.")]
    [Range(1, long.MaxValue)]
    public required long Size { get; init; }

    [Description("The SHA-256 of the whole file.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Sha256 { get; init; }

    [Description("The size in bytes of every chunk but the last, which has the rest.")]
    [Range(65536, 16777216)]
    public required int ChunkBytes { get; init; }

    [Description("Base64 of the SHA-256 of each chunk, 32 bytes each, one after another.")]
    public required byte[] Chunks { get; init; }
}
