using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>What a station is up to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StationState>))]
public enum StationState
{
    /// <summary>Loading; no verdicts yet.</summary>
    Preparing,

    /// <summary>Waits for its first trigger.</summary>
    Ready,

    Running,

    /// <summary>Goes on with less than it should have.</summary>
    Degraded,

    /// <summary>Gives no verdicts until someone acts.</summary>
    Error,
}
