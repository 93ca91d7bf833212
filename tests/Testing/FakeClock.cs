using Microsoft.Extensions.Time.Testing;

namespace MrfAd.Testing;

/// <summary>
/// A clock that stands still until it is told to advance, and that tells when the code under test waits for time to pass.
/// <para>The base class rings no timer while another thread arms one or reads the clock. So one thread at a time is let into it, and what rings is run afterwards.</para>
/// </summary>
public sealed class FakeClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

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

    /// <summary>Moves the clock, and has rung what is due by then when it returns.</summary>
    public new void Advance(TimeSpan delta) => Alone(() => base.Advance(delta));

    /// <summary>Completes when some timer is armed.</summary>
    public Task TimerArmedAsync()
    {
        lock (_lock)
            return _anyArmed.Task.WaitAsync(Patience);
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

    /// <summary>Within the lock.</summary>
    private void Note(WatchedTimer timer, bool armed)
    {
        if (armed && _armed.Add(timer))
            _anyArmed.TrySetResult();
        else if (!armed && _armed.Remove(timer) && _armed.Count == 0)
            _anyArmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Tells the clock when it is armed, and when it is not any more.</summary>
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
