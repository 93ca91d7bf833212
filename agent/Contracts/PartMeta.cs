using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>Free fields of a part: a JSON object of texts, numbers and true or false, within limits.</summary>
[JsonConverter(typeof(PartMetaConverter))]
public sealed record PartMeta
{
    /// <summary>Maximum number of fields.</summary>
    public const int MaxFields = 32;

    /// <summary>Maximum number of characters of the name of a field.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Maximum number of characters of a value.</summary>
    public const int MaxValueLength = 200;

    /// <summary>Maximum size of the object in bytes, as <see cref="Json"/> has it.</summary>
    public const int MaxBytes = 4096;

    private PartMeta(string json) => Json = json;

    /// <summary>The object as compact JSON in ASCII: the fields in their order, numbers with the digits that came.</summary>
    public string Json { get; }

    /// <summary>Reads an object.</summary>
    /// <exception cref="FormatException">The text is not such an object; the message says what is wanted and what it is.</exception>
    public static PartMeta Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"want a JSON object: {e.Message}", e);
        }
    }

    /// <inheritdoc cref="Parse"/>
    /// <exception cref="InvalidOperationException">A text has half of a surrogate pair.</exception>
    internal static PartMeta Of(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new FormatException($"want a JSON object, got {Name(value.ValueKind)}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject())
        {
            if (!names.Add(field.Name))
                throw new FormatException($"want each field once, got '{field.Name}' twice");
            if (names.Count > MaxFields)
                throw new FormatException($"want at most {MaxFields} fields, got more");
            if (field.Name.Length is 0 or > MaxNameLength || field.Name.Any(char.IsControl))
                throw new FormatException($"want names of 1 to {MaxNameLength} characters without control characters, got one of {field.Name.Length}");
            if (Fault(field.Value) is { } fault)
                throw new FormatException($"'{field.Name}': {fault}");
        }

        var json = JsonSerializer.Serialize(value, MessageJson.Default.JsonElement);
        return Encoding.UTF8.GetByteCount(json) is var bytes and > MaxBytes ? throw new FormatException($"want at most {MaxBytes} bytes, got {bytes}") : new PartMeta(json);
    }

    private static string? Fault(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => null,
        JsonValueKind.String when value.GetString()!.Length > MaxValueLength => $"want at most {MaxValueLength} characters, got {value.GetString()!.Length}",
        JsonValueKind.String => value.GetString()!.Any(char.IsControl) ? "want no control character" : null,
        JsonValueKind.Number when value.GetRawText().Length > MaxValueLength => $"want at most {MaxValueLength} characters, got {value.GetRawText().Length}",
        JsonValueKind.Number => value.TryGetDouble(out var number) && double.IsFinite(number) ? null : $"want a number that fits a double, got {value.GetRawText()}",
        var kind => $"want text, a number, true or false, got {Name(kind)}",
    };

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}
