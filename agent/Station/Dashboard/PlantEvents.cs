using System.Buffers;
using System.Text.Json;

namespace MrfAd.Station.Dashboard;

/// <summary>Encodes the events of the page of all stations.</summary>
internal static class PlantEvents
{
    /// <summary>Encodes a message of a station as the event "fact"; an empty payload, by which a retained message is cleared, becomes null.</summary>
    /// <param name="id">The id of a verdict; null where the message has none.</param>
    /// <returns>The event; null where the payload is no JSON object.</returns>
    public static PlantEvent? Message(PlantTopic topic, ReadOnlyMemory<byte> payload, out string? id)
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
        // Invalid Unicode in a text is found only when it is read, with an InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Encodes the event "picture": there is a picture, which can be fetched by its number.</summary>
    /// <param name="id">The id of the verdict that the picture belongs to; null where the message does not name it.</param>
    public static PlantEvent Picture(PlantTopic topic, string? id, long number) => Write("picture", json =>
    {
        json.WriteString("topic", topic.Path);
        json.WriteString("id", id);
        json.WriteNumber("number", number);
    });

    /// <summary>Encodes the event "link": the state of the connection to the broker, and the number of messages that cannot be shown.</summary>
    /// <param name="connected">The state of the connection; null while it is being made for the first time.</param>
    public static PlantEvent Link(bool? connected, string? reason, int ignored, string? ignoredLast) => Write("link", json =>
    {
        if (connected is { } known)
            json.WriteBoolean("connected", known);
        json.WriteString("reason", reason);
        json.WriteNumber("ignored", ignored);
        json.WriteString("ignored_last", ignoredLast);
    });

    /// <summary>Encodes the event "lost": the page was too slow and lost events; all that is known now follows.</summary>
    /// <param name="stations">The stations that exist; the page removes all others.</param>
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
