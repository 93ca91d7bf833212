using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/replay.")]
public sealed record ReplayResult
{
    [Description("How many verdicts follow.")]
    public required int Verdicts { get; init; }

    [Description("There are more than one replay gives: ask again from the last one on.")]
    public required bool More { get; init; }
}
