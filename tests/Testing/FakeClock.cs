using Microsoft.Extensions.Time.Testing;

namespace MrfAd.Testing;

/// <summary>
/// A manual clock that stands still until the test advances it, and that signals when the code under test waits for time to pass.
/// <para>The base class fires no timer while another thread arms one or reads the clock. Therefore a lock admits one thread at a time, and callbacks run after it.</para>
/// </summary>
public sealed class FakeClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;

    private readonly Lock _lock = new();
    private readonly HashSet<WatchedTimer> _armed = [];
    private readonly List<Action> _rung = [];
    private TaskCompletionSource _anyArmed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return base.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new WatchedTimer(this, rings => base.CreateTimer(rings, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), callback, dueTime, period);

    /// <summary>Advances the clock; when this returns, all timers that were due have fired.</summary>
    public new void Advance(TimeSpan delta) => Alone(() => base.Advance(delta));

    /// <summary>Completes when a timer is armed.</summary>
    public Task TimerArmedAsync()
    {
        lock (_lock)
            return _anyArmed.Task.WaitAsync(WaitTimeout);
    }

    private void Alone(Action change)
    {
        Action[] rung;
        lock (_lock)
        {
            change();
            rung = [.. _rung];
            _rung.Clear();
        }

        foreach (var callback in rung)
            callback();
    }

    /// <summary>Called within the lock.</summary>
    private void Note(WatchedTimer timer, bool armed)
    {
        if (armed && _armed.Add(timer))
            _anyArmed.TrySetResult();
        else if (!armed && _armed.Remove(timer) && _armed.Count == 0)
            _anyArmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A timer that notifies the clock when it is armed and when it is disarmed.</summary>
    private sealed class WatchedTimer : ITimer
    {
        private readonly FakeClock _clock;
        private readonly ITimer _timer;
        private bool _repeats;

        public WatchedTimer(FakeClock clock, Func<TimerCallback, ITimer> create, TimerCallback callback, TimeSpan dueTime, TimeSpan period)
        {
            _clock = clock;
            _timer = create(state =>
            {
                clock.Note(this, armed: _repeats);
                clock._rung.Add(() => callback(state));
            });
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = false;
            _clock.Alone(() =>
            {
                _repeats = period > TimeSpan.Zero;
                _clock.Note(this, armed: dueTime > TimeSpan.Zero || (_repeats && dueTime == TimeSpan.Zero));
                changed = _timer.Change(dueTime, period);
            });
            return changed;
        }

        public void Dispose() => _clock.Alone(() =>
        {
            _timer.Dispose();
            _clock.Note(this, armed: false);
        });

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
