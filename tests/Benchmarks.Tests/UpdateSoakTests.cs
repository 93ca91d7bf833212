using MrfAd.Benchmarks.BankUpdates;

namespace MrfAd.Benchmarks.Tests;

/// <summary>A short run of the update soak; the benchmark <c>update</c> runs it for longer.</summary>
public sealed class UpdateSoakTests
{
    [Fact]
    public async Task An_update_completes_and_no_frame_is_lost_whatever_is_killed()
    {
        await using var soak = new UpdateSoak(new UpdateSoakOptions(Megabytes: 20, Kills: 3, Width: 256, Height: 192, Seed: 1, Timeout: TimeSpan.FromMinutes(6)), TimeProvider.System);

        var result = await soak.RunAsync();

        Assert.True(result.IsPassed, result.ToString());
    }
}
