using System.ComponentModel;

namespace MrfAd.Contracts;

public sealed record CommandError
{
    [Description("The kind of error, for programs.")]
    public required CommandErrorCode Code { get; init; }

    [Description("One sentence, for people.")]
    public required string Message { get; init; }
}
