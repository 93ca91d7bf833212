using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The state of a station.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StationState>))]
public enum StationState
{
    /// <summary>The station is loading and gives no verdicts yet.</summary>
    Preparing,

    /// <summary>The station waits for its first trigger.</summary>
    Ready,

    /// <summary>The station has received a trigger and has no problem.</summary>
    Running,

    /// <summary>The station goes on although a part of it, for example a camera or the broker, has a problem.</summary>
    Degraded,

    /// <summary>The station gives no verdicts until someone acts.</summary>
    Error,
}
