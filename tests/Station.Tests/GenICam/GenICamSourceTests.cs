using MrfAd.Station.GenICam;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.GenICam;

/// <summary>Tests the source without a camera; the integration tests use a simulated one.</summary>
public sealed class GenICamSourceTests
{
    [Fact]
    public async Task A_camera_that_is_away_for_a_week_keeps_nothing_of_the_triggers_it_missed()
    {
        using var source = new GenICamSource(new CameraOptions { Source = "gige:nobody" }, TimeProvider.System, _ => { }, (_, _) => { });

        const int Missed = 50;
        var triggers = new List<WeakReference>();
        while (triggers.Count < Missed)
            triggers.Add(await MissAsync(source));

        GC.Collect();
        // The stack of a thread may still hold a few of them.
        Assert.InRange(triggers.Count(t => t.IsAlive), 0, Missed / 5);
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
