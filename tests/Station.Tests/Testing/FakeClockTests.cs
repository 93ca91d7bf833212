using MrfAd.Testing;

namespace MrfAd.Station.Tests.Testing;

/// <summary>Tests of the fake clock: every test that uses it relies on no wait being missed when it advances.</summary>
public sealed class FakeClockTests
{
    [Fact]
    public async Task A_delay_that_is_armed_while_the_clock_advances_ends()
    {
        var clock = new FakeClock();
        for (var round = 0; round < 20_000; round++)
        {
            var delay = Task.Run(() => Task.Delay(TimeSpan.FromMilliseconds(20), clock), TestContext.Current.CancellationToken);
            await clock.TimerArmedAsync();
            clock.Advance(TimeSpan.FromMilliseconds(20));
            await delay.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_timer_rings_though_another_thread_reads_the_clock_when_it_advances()
    {
        var clock = new FakeClock();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var reader = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
                clock.GetTimestamp();
        }, TestContext.Current.CancellationToken);
        for (var round = 0; round < 20_000; round++)
        {
            var delay = Task.Delay(TimeSpan.FromMilliseconds(20), clock, TestContext.Current.CancellationToken);
            clock.Advance(TimeSpan.FromMilliseconds(20));
            await delay.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
        }

        await done.CancelAsync();
        await reader;
    }

    [Fact]
    public void A_timer_that_repeats_rings_each_time()
    {
        var clock = new FakeClock();
        var rung = 0;
        using var timer = clock.CreateTimer(_ => rung++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, rung);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(3, rung);
    }
}
