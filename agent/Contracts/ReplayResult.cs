using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/replay.")]
public sealed record ReplayResult
{
    [Description("The number of verdicts that follow.")]
    public required int Verdicts { get; init; }

    [Description("True where there are more than one replay returns; ask again from the last one on.")]
    public required bool More { get; init; }
}
