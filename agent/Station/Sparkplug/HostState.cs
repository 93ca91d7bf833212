using System.Text.Json.Serialization;

namespace MrfAd.Station.Sparkplug;

/// <summary>What a host application says of itself, retained (specification 3.0, 4.4).</summary>
/// <param name="Timestamp">Milliseconds since 1970; an offline that is older than the last online is none.</param>
public sealed record HostState([property: JsonRequired, JsonPropertyName("online")] bool Online, [property: JsonRequired, JsonPropertyName("timestamp")] long Timestamp);
