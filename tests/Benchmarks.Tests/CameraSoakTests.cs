using MrfAd.Benchmarks.Cameras;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Tests;

/// <summary>A short run of the camera soak; the benchmark <c>camera</c> runs it for longer.</summary>
[Collection(nameof(FakeGigECamera))]
public sealed class CameraSoakTests(LearnedStation station) : IClassFixture<LearnedStation>
{
    [Fact]
    public async Task One_software_trigger_one_verdict_and_a_killed_camera_costs_only_timeouts_that_name_it()
    {
        var result = await CameraSoak.RunAsync(60, 1, station, TimeProvider.System);

        Assert.True(result.IsPassed, result.ToString());
    }
}
