using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The kind of scores in an anomaly map.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MapKind>))]
public enum MapKind
{
    /// <summary>Every score is exact.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>Scores below the image's score and the threshold may be upper bounds.</summary>
    [JsonStringEnumMemberName("bounded")] Bounded,
}
