using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>How far a new version has come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpdatePhase>))]
public enum UpdatePhase
{
    /// <summary>Its chunks are asked for.</summary>
    [JsonStringEnumMemberName("transferring")] Transferring,

    /// <summary>The file is read once more from disk and compared with its manifest.</summary>
    [JsonStringEnumMemberName("checking")] Checking,

    /// <summary>It judges stored parts beside the version in use.</summary>
    [JsonStringEnumMemberName("shadowing")] Shadowing,

    /// <summary>It judges; its first verdicts are watched.</summary>
    [JsonStringEnumMemberName("watching")] Watching,
}
