using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>The models that <c>mrfad model fetch</c> can download: <c>catalogue.json</c> beside the program, and a file of the user's whose entries take precedence.</summary>
public sealed record Catalogue
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required IReadOnlyList<CatalogueEntry> Models { get; init; }

    public static string Shipped => Path.Combine(AppContext.BaseDirectory, "Models", "catalogue.json");

    /// <exception cref="IOException">The file cannot be read, or is no catalogue; the text names the file.</exception>
    public static Catalogue Read(string path)
    {
        try
        {
            var catalogue = JsonSerializer.Deserialize<Catalogue>(UserFiles.ReadBytes(path), Json) ?? throw new JsonException("it is null");
            foreach (var entry in catalogue.Models)
            {
                if (entry is null)
                    throw new JsonException("an entry is null");
                foreach (var (key, address) in new[] { ("url", entry.Url), ("form", entry.Form) })
                {
                    if (address is not null && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
                        throw new JsonException($"'{entry.Name}' has the {key} '{address}', want http or https");
                }

                if (entry.Sha256 is { } hash && (hash.Length is < 8 or > 64 || !hash.All(char.IsAsciiHexDigitLower)))
                    throw new JsonException($"'{entry.Name}' has the sha256 '{hash}', want 8 to 64 digits, lower-case");
                if (entry.File.Length == 0 || entry.File.Contains('/', StringComparison.Ordinal))
                    throw new JsonException($"'{entry.Name}' names no file");
            }

            return catalogue;
        }
        catch (JsonException e)
        {
            throw new IOException($"{path}: not a catalogue: {e.Message}", e);
        }
    }

    /// <returns>A catalogue with the entry added, or with the entry of the same name replaced.</returns>
    public Catalogue With(CatalogueEntry entry) => new() { Models = [.. Models.Where(m => m.Name != entry.Name), entry] };

    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));
}
