using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The phase of an update.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpdatePhase>))]
public enum UpdatePhase
{
    /// <summary>The chunks of the new version are being fetched.</summary>
    [JsonStringEnumMemberName("transferring")] Transferring,

    /// <summary>The complete file is read from disk and compared with its manifest.</summary>
    [JsonStringEnumMemberName("checking")] Checking,

    /// <summary>The new version judges reference parts and stored frames, and is compared with the version in use.</summary>
    [JsonStringEnumMemberName("shadowing")] Shadowing,

    /// <summary>The new version judges the line; its first verdicts are watched.</summary>
    [JsonStringEnumMemberName("watching")] Watching,
}
