using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The outcome of an update.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpdateResult>))]
public enum UpdateResult
{
    [JsonStringEnumMemberName("accepted")] Accepted,
    [JsonStringEnumMemberName("confirmed")] Confirmed,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("rolled_back")] RolledBack,
}
