using MrfAd.Benchmarks.Soak;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Tests;

/// <summary>A short run of the station soak; the benchmark <c>soak</c> runs it for longer.</summary>
public sealed class StationSoakTests(LearnedStation station) : IClassFixture<LearnedStation>
{
    [Fact]
    public async Task Each_trigger_has_its_verdict_whatever_happens_beside_the_line()
    {
        using var log = new StringWriter();
        await using var soak = new StationSoak(new StationSoakOptions(Triggers: 200, Seed: 1, Timeout: TimeSpan.FromMinutes(3)), station, TimeProvider.System, log);

        var result = await soak.RunAsync();

        Assert.True(result.IsPassed, $"{log}{result}");
    }
}
