using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>The kind of error of a refused or failed command, for programs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandErrorCode>))]
public enum CommandErrorCode
{
    /// <summary>The payload is not valid for the command.</summary>
    [JsonStringEnumMemberName("bad_request")] BadRequest,
    [JsonStringEnumMemberName("unknown_command")] UnknownCommand,
    [JsonStringEnumMemberName("unknown_camera")] UnknownCamera,

    /// <summary>The station accepts no triggers now: it is preparing, stopping, or in error.</summary>
    [JsonStringEnumMemberName("not_ready")] NotReady,

    /// <summary>The queue is full; a trigger's verdict is INVALID, another command is not carried out.</summary>
    [JsonStringEnumMemberName("busy")] Busy,

    /// <summary>The payload is larger than that of any command.</summary>
    [JsonStringEnumMemberName("too_large")] TooLarge,

    /// <summary>The command came after its expiry.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>The value is outside the range that the station allows.</summary>
    [JsonStringEnumMemberName("out_of_bounds")] OutOfBounds,

    /// <summary>Nothing is stored for that id, camera or time.</summary>
    [JsonStringEnumMemberName("not_found")] NotFound,

    /// <summary>The command is not signed by a trusted key, or its signature is too old or was used before.</summary>
    [JsonStringEnumMemberName("not_authorized")] NotAuthorized,

    /// <summary>The bank is refused; the message names the cause.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>The command failed while it was carried out, for example because of the camera or the disk.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}
