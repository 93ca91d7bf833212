using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MrfAd.Station.Options;

/// <summary>Reads and writes the configuration as JSON: keys in snake_case, durations as "500ms", comments and trailing commas allowed.</summary>
public static class StationJson
{
    /// <summary>The options with which all parts of the configuration are read and written.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    private static readonly JsonDocumentOptions Document = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    public static string Write(StationOptions options) => JsonSerializer.Serialize(options, Options);

    /// <exception cref="JsonException">The text is not JSON, or not an object; the message says where.</exception>
    public static JsonObject Parse(string text) => ParseNode(text) as JsonObject ?? throw new JsonException("want an object: { … }");

    /// <returns>Any JSON value; null for <c>null</c>.</returns>
    /// <exception cref="JsonException">The text is not JSON; the message says where.</exception>
    public static JsonNode? ParseNode(string text)
    {
        try
        {
            var node = JsonNode.Parse(text, documentOptions: Document);
            // Strings are read when they are used; one that is no text must be known before.
            node?.ToJsonString();
            return node;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a string has half of a surrogate pair, such as \\ud800 alone", e);
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            WriteIndented = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new DurationConverter() },
        };
        options.MakeReadOnly();
        return options;
    }
}
