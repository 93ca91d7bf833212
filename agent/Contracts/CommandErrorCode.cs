using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

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

    /// <summary>The queue is full; a trigger's verdict is INVALID, another command is not carried out.</summary>
    [JsonStringEnumMemberName("busy")] Busy,

    /// <summary>The payload is larger than any command is.</summary>
    [JsonStringEnumMemberName("too_large")] TooLarge,

    /// <summary>It comes too late: its expiry has passed.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>The value is outside of what the station allows.</summary>
    [JsonStringEnumMemberName("out_of_bounds")] OutOfBounds,

    /// <summary>There is nothing of that id, camera or time.</summary>
    [JsonStringEnumMemberName("not_found")] NotFound,

    /// <summary>It is not signed, or not by a key that the station trusts, or the signature is old or used.</summary>
    [JsonStringEnumMemberName("not_authorized")] NotAuthorized,

    /// <summary>The bank is not taken; the message names the cause.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>It was tried, and something else failed: the camera, the disk.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}
