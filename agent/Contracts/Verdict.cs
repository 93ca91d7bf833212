using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The verdict of a trigger; every trigger gets exactly one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>The part is good.</summary>
    [JsonStringEnumMemberName("OK")] Ok,

    /// <summary>The part is defective: its score is at or above the threshold.</summary>
    [JsonStringEnumMemberName("NG")] Ng,

    /// <summary>There was no usable image.</summary>
    [JsonStringEnumMemberName("INVALID")] Invalid,

    /// <summary>No image was taken or judged before the deadline.</summary>
    [JsonStringEnumMemberName("TIMEOUT")] Timeout,

    /// <summary>There is no model yet: the image was kept to learn one from, and not judged.</summary>
    [JsonStringEnumMemberName("COLLECTING")] Collecting,
}
