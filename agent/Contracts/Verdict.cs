using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>How a trigger ended; every trigger ends as exactly one of these.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    [JsonStringEnumMemberName("OK")] Ok,
    [JsonStringEnumMemberName("NG")] Ng,

    /// <summary>No usable image.</summary>
    [JsonStringEnumMemberName("INVALID")] Invalid,

    /// <summary>No image, or none judged, before the deadline.</summary>
    [JsonStringEnumMemberName("TIMEOUT")] Timeout,
}
