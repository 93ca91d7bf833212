namespace MrfAd.Testing;

/// <summary>A clock that stands still until it is told to advance.</summary>
public sealed class FakeClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly DateTimeOffset _start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private TimeSpan _elapsed;
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on, calling each timer at its time.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Elapsed + by;
        while (NextDue(end) is { } timer)
            timer.Ring();
        lock (_lock)
            _elapsed = end;
    }

    /// <summary>Completes when some timer is armed: when the code under test waits for time to pass.</summary>
    public Task TimerArmedAsync()
    {
        lock (_lock)
            return _armed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
                return _elapsed;
        }
    }

    private FakeTimer? NextDue(TimeSpan end)
    {
        lock (_lock)
        {
            var timer = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
            if (timer is not null)
                _elapsed = timer.Due;
            return timer;
        }
    }

    private void Arm(FakeTimer timer, TimeSpan? due)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            if (due is { } time)
            {
                timer.Due = _elapsed + time;
                _timers.Add(timer);
                _armed.TrySetResult();
            }
            else if (_timers.Count == 0 && _armed.Task.IsCompleted)
            {
                _armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private sealed class FakeTimer(FakeClock clock, Action ring) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public TimeSpan Due { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            clock.Arm(this, dueTime == Timeout.InfiniteTimeSpan ? null : dueTime);
            return true;
        }

        public void Ring()
        {
            clock.Arm(this, _period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero ? null : _period);
            ring();
        }

        public void Dispose() => clock.Arm(this, null);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
