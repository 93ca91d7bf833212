using System.Threading.Channels;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Tests.Capture;

public sealed class BlockingCallsTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(0.5);
    private readonly Channel<string?> _stuck = Channel.CreateUnbounded<string?>();
    private readonly ManualResetEventSlim _back = new();

    public void Dispose()
    {
        _back.Set();
        _back.Dispose();
    }

    [Fact]
    public async Task A_result_and_an_error_come_back_as_they_are()
    {
        using var calls = new BlockingCalls("test", WaitTimeout, _ => { });

        Assert.Equal(7, await calls.RunAsync("a", () => 7, null, CancellationToken.None));
        Assert.Equal("no", (await Assert.ThrowsAsync<FormatException>(() => calls.RunAsync<int>("b", () => throw new FormatException("no"), null, CancellationToken.None))).Message);
        // One that the call throws itself is not taken for a call that has not come back.
        await Assert.ThrowsAsync<TimeoutException>(() => calls.RunAsync<int>("c", () => throw new TimeoutException(), null, CancellationToken.None));
        Assert.Equal((null, 0), (calls.Stuck, calls.Abandoned));
    }

    [Fact]
    public async Task A_call_that_does_not_come_back_fails_and_the_next_one_gets_another_thread()
    {
        using var calls = Calls();
        var discarded = new TaskCompletionSource<int>();
        var first = calls.RunAsync("reading a.png", () => Hang(1), discarded.SetResult, CancellationToken.None);

        Assert.Equal("reading a.png has not come back within 0.5 s", (await Assert.ThrowsAsync<StuckCallException>(() => first.WaitAsync(WaitTimeout))).Message);
        Assert.Equal("reading a.png: not back after 0.5 s", await NextAsync());
        Assert.Equal(2, await calls.RunAsync("reading b.png", () => 2, null, CancellationToken.None).WaitAsync(WaitTimeout));

        _back.Set();
        Assert.Equal(1, await discarded.Task.WaitAsync(WaitTimeout));
        Assert.Null(await NextAsync());
    }

    [Fact]
    public async Task With_three_threads_stuck_no_other_call_begins_until_one_is_back()
    {
        using var calls = Calls();
        for (var i = 0; i < BlockingCalls.MaxStuckThreads; i++)
            await Assert.ThrowsAsync<StuckCallException>(() => calls.RunAsync("reading", () => Hang(i), null, CancellationToken.None).WaitAsync(WaitTimeout));
        var begun = false;
        var next = calls.RunAsync("reading", () => begun = true, null, CancellationToken.None);
        // If it were run, that would happen within some milliseconds.
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(2 * Limit));
        Assert.False(begun);

        _back.Set();
        Assert.True(await next.WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_ends_at_once_and_its_call_is_still_watched()
    {
        using var calls = Calls();
        using var stop = new CancellationTokenSource();
        var first = calls.RunAsync("reading", () => Hang(1), null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(WaitTimeout));

        Assert.Equal("reading: not back after 0.5 s", await NextAsync());
        Assert.Equal(2, await calls.RunAsync("reading", () => 2, null, CancellationToken.None).WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task An_end_waits_for_no_call_and_what_is_to_be_closed_is_closed_after_it()
    {
        var calls = new BlockingCalls("test", TimeSpan.FromHours(1), _ => { });
        var begun = new TaskCompletionSource();
        var call = calls.RunAsync("reading", () => Hang(1, begun), null, CancellationToken.None);
        await begun.Task.WaitAsync(WaitTimeout);
        var closed = new TaskCompletionSource<bool>();

        calls.Dispose(() => closed.SetResult(call.IsCompleted || _back.IsSet));

        Assert.False(closed.Task.IsCompleted);
        _back.Set();
        Assert.True(await closed.Task.WaitAsync(WaitTimeout));
    }

    private BlockingCalls Calls() => new("test", Limit, text => _stuck.Writer.TryWrite(text));

    private int Hang(int result, TaskCompletionSource? begun = null)
    {
        begun?.SetResult();
        _back.Wait();
        return result;
    }

    private async Task<string?> NextAsync() => await _stuck.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);
}
