using System.Text.Json.Serialization;

namespace MrfAd.Station.Sparkplug;

/// <summary>The retained state message of a host application (specification 3.0, 4.4).</summary>
/// <param name="Timestamp">The time in milliseconds since 1970; an offline message that is older than the last online message is ignored.</param>
public sealed record HostState([property: JsonRequired, JsonPropertyName("online")] bool Online, [property: JsonRequired, JsonPropertyName("timestamp")] long Timestamp);
