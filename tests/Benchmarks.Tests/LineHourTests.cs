using MrfAd.Benchmarks.Line;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Tests;

/// <summary>A short run of the memory soak; the benchmark <c>line</c> runs it for longer.</summary>
public sealed class LineHourTests(LearnedStation station) : IClassFixture<LearnedStation>
{
    [Fact]
    public async Task Some_minutes_of_line_leave_the_memory_as_it_was()
    {
        var result = await LineHour.RunAsync(parts: 500, warmUp: 300, station, TimeProvider.System);

        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        Assert.True(result.IsPassed, result.ToString());
    }
}
