using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace MrfAd.Contracts;

/// <summary>The reply to a command, on its response topic with its correlation data.</summary>
[Description("The answer to a command, on its response topic with its correlation data.")]
public sealed record CommandReply
{
    public const string SchemaName = "mrfad.reply.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("The command's name, as in its topic.")]
    [Length(1, StationTopics.MaxNameLength)]
    public required string Command { get; init; }

    public required bool Accepted { get; init; }

    [Description("The trigger's id, as in the verdict that follows; null for other commands and where refused.")]
    public string? TriggerId { get; init; }

    [Description("The result of the command, in its own schema; null where it has none.")]
    public JsonNode? Result { get; init; }

    [Description("Why it was refused; null where accepted.")]
    public CommandError? Error { get; init; }
}
