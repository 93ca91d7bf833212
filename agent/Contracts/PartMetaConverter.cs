using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>Reads and writes the free fields of a part as a JSON object; one beyond the limits is refused.</summary>
internal sealed class PartMetaConverter : JsonConverter<PartMeta>
{
    public override PartMeta Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        try
        {
            return PartMeta.Of(document.RootElement);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new JsonException($"meta: {e.Message}", e);
        }
    }

    public override void Write(Utf8JsonWriter writer, PartMeta value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
}
