using Microsoft.Extensions.Time.Testing;

namespace MrfAd.Testing;

/// <summary>A clock that stands still until it is told to advance, and that tells when the code under test waits for time to pass.</summary>
public sealed class FakeClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly HashSet<WatchedTimer> _armed = [];
    private TaskCompletionSource _anyArmed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new WatchedTimer(this, rings => base.CreateTimer(rings, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), callback, dueTime, period);

    /// <summary>Completes when some timer is armed.</summary>
    public Task TimerArmedAsync()
    {
        lock (_lock)
            return _anyArmed.Task.WaitAsync(Patience);
    }

    private void Note(WatchedTimer timer, bool armed)
    {
        lock (_lock)
        {
            if (armed && _armed.Add(timer))
                _anyArmed.TrySetResult();
            else if (!armed && _armed.Remove(timer) && _armed.Count == 0)
                _anyArmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
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
                callback(state);
            });
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _repeats = period > TimeSpan.Zero;
            if (dueTime == TimeSpan.Zero)
            {
                // It rings within the call.
                _clock.Note(this, armed: _repeats);
                return _timer.Change(dueTime, period);
            }

            // Another thread that advances must not let it ring before it is noted.
            lock (_clock._lock)
            {
                _clock.Note(this, armed: dueTime > TimeSpan.Zero);
                return _timer.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            _timer.Dispose();
            _clock.Note(this, armed: false);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
