using System.Text.Json.Serialization;

namespace MrfAd.Agent.Reporting;

/// <summary>Why a command was refused, for programs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandErrorCode>))]
public enum CommandErrorCode
{
    /// <summary>The payload is not what the command takes.</summary>
    [JsonStringEnumMemberName("bad_request")] BadRequest,
    [JsonStringEnumMemberName("unknown_command")] UnknownCommand,
    [JsonStringEnumMemberName("unknown_camera")] UnknownCamera,

    /// <summary>The station does not take triggers now: it prepares, stops, or is in error.</summary>
    [JsonStringEnumMemberName("not_ready")] NotReady,

    /// <summary>The queue is full; the trigger's verdict is INVALID.</summary>
    [JsonStringEnumMemberName("busy")] Busy,
}
