using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Platform;

namespace MrfAd.Engine.Masks;

/// <summary>
/// The regions that are drawn over a good part: what is inspected, what is ignored, and what has a name and limits of its own. They lie on images of one size, and on upright
/// ones where parts are aligned.
/// </summary>
public sealed record PartRegions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Width of the image that they are drawn over, px.</summary>
    public required int WidthPx { get; init; }

    public required int HeightPx { get; init; }

    /// <summary>The name of the good image that they are drawn over, which is the reference where parts are aligned; null, and not written, where that does not matter.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }

    /// <summary>The regions. Where named ones overlap, the later one holds; an ignored one holds before all others.</summary>
    public required IReadOnlyList<PartRegion> Regions { get; init; }

    /// <summary>The reason why the regions are not valid, one sentence that names the region; null where they are.</summary>
    [JsonIgnore]
    public string? Fault => RegionChecks.FaultOf(this);

    /// <summary>Identifies the regions: SHA-256 of their JSON, lower-case hex.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a file of regions.</summary>
    /// <exception cref="RegionException">It is no file of regions; the message names the file and the region.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PartRegions Read(string path) => FromJson(UserFiles.ReadText(path), path);

    /// <param name="name">The name of the text in messages.</param>
    /// <exception cref="RegionException">The text is no JSON of regions, or they are not valid.</exception>
    public static PartRegions FromJson(string json, string name)
    {
        try
        {
            var regions = JsonSerializer.Deserialize<PartRegions>(json, Json) ?? throw new RegionException($"{name}: want an object of regions, got null");
            return regions.Fault is { } fault ? throw new RegionException($"{name}: {fault}") : regions;
        }
        catch (JsonException e)
        {
            throw new RegionException($"{name}: {JsonError.Describe(e)}", e);
        }
    }
}
