using MrfAd.Fuzz;

namespace MrfAd.Cli.Tests.Fuzz;

/// <summary>A short run of tests/Fuzz, which AFL++ can run for any time.</summary>
public sealed class InputFuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Whatever_comes_from_outside_is_read_or_refused_by_name_and_allocates_little(string target)
    {
        using var run = new FuzzRun(FuzzTargets.Find(target));

        run.Seeds();
        run.Mutate(count: 1000, seed: 7);

        Assert.True(run.Read > 1, "no seed was read");
    }
}
