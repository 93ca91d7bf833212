using System.Buffers;
using System.Text.Json;

namespace MrfAd.Station.Dashboard;

/// <summary>Writes the events of the page of all stations.</summary>
internal static class PlantEvents
{
    /// <summary>A station says something; an empty payload: it, or somebody for it, has taken it back.</summary>
    /// <param name="id">Of a verdict; null where it has none.</param>
    /// <returns>Null where the payload is no JSON object.</returns>
    public static PlantEvent? Fact(PlantTopic topic, ReadOnlyMemory<byte> payload, out string? id)
    {
        id = null;
        try
        {
            using var document = payload.IsEmpty ? null : JsonDocument.Parse(payload);
            if (document is { RootElement.ValueKind: not JsonValueKind.Object })
                return null;
            if (document is not null && document.RootElement.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.String)
                id = value.GetString();
            return Write("fact", json =>
            {
                json.WriteString("topic", topic.Path);
                json.WritePropertyName("payload");
                if (document is null)
                    json.WriteNullValue();
                else
                    document.RootElement.WriteTo(json);
            });
        }
        // Text that is no Unicode is told late, and in another way.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>There is a picture, to be fetched by its number.</summary>
    /// <param name="id">Of the verdict that it belongs to; null: it does not say.</param>
    public static PlantEvent Picture(PlantTopic topic, string? id, long number) => Write("picture", json =>
    {
        json.WriteString("topic", topic.Path);
        json.WriteString("id", id);
        json.WriteNumber("number", number);
    });

    /// <summary>How the connection to the broker is, and what came over it that cannot be shown.</summary>
    /// <param name="connected">Null: it is being made for the first time.</param>
    public static PlantEvent Link(bool? connected, string? reason, int ignored, string? ignoredLast) => Write("link", json =>
    {
        if (connected is { } known)
            json.WriteBoolean("connected", known);
        json.WriteString("reason", reason);
        json.WriteNumber("ignored", ignored);
        json.WriteString("ignored_last", ignoredLast);
    });

    /// <summary>The page was too slow; what is known now follows.</summary>
    /// <param name="stations">All that there are: the others are gone.</param>
    public static PlantEvent Lost(int events, IEnumerable<string> stations) => Write("lost", json =>
    {
        json.WriteNumber("events", events);
        json.WriteStartArray("stations");
        foreach (var station in stations)
            json.WriteStringValue(station);
        json.WriteEndArray();
    });

    private static PlantEvent Write(string name, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return new PlantEvent(name, buffer.WrittenSpan.ToArray());
    }
}
