using MrfAd.Agent.Capture;
using MrfAd.Agent.Capture.GenICam;

namespace MrfAd.Agent.Tests.Capture;

/// <summary>Without a camera; with one: the integration tests.</summary>
public sealed class GenICamSourceTests
{
    [Fact]
    public async Task A_camera_that_is_away_for_a_week_keeps_nothing_of_the_triggers_it_missed()
    {
        using var source = new GenICamSource(new CameraOptions { Source = "gige:nobody" }, TimeProvider.System, _ => { }, (_, _) => { });

        var first = await MissAsync(source);
        await MissAsync(source);

        GC.Collect();
        Assert.False(first.IsAlive);
    }

    /// <returns>The token source of one trigger that ended without a frame.</returns>
    private static async Task<WeakReference> MissAsync(GenICamSource source)
    {
        using var deadline = new CancellationTokenSource();
        var next = source.NextAsync(deadline.Token).AsTask();
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        return new WeakReference(deadline);
    }
}
