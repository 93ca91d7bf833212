namespace MrfAd.Cli.Evaluation;

/// <summary>The differences between two runs.</summary>
/// <param name="Before">The earlier run's method.</param>
/// <param name="Now">This run's method.</param>
/// <param name="OnlyBefore">Objects that only the earlier run has.</param>
/// <param name="OnlyNow">Objects that only this one has.</param>
public sealed record RunComparison(string Before, string Now, IReadOnlyList<ObjectChange> Objects, IReadOnlyList<string> OnlyBefore, IReadOnlyList<string> OnlyNow)
{
    public static RunComparison Of(RunResult before, RunResult now) => new(
        before.Method,
        now.Method,
        [.. from o in now.Objects let old = before.Objects.FirstOrDefault(b => b.Name == o.Name) where old is not null select ObjectChange.Of(old, o)],
        [.. before.Objects.Select(o => o.Name).Except(now.Objects.Select(o => o.Name))],
        [.. now.Objects.Select(o => o.Name).Except(before.Objects.Select(o => o.Name))]);
}
