using System.ComponentModel;

namespace MrfAd.Contracts;

public sealed record CommandError
{
    [Description("For programs.")]
    public required CommandErrorCode Code { get; init; }

    [Description("For people: one sentence.")]
    public required string Message { get; init; }
}
