using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Runtime;

public sealed class TransientProblemTests
{
    private readonly FakeClock _clock = new();
    private readonly StationHealth _health;
    private readonly TransientProblem _problem;
    private int _changes;

    public TransientProblemTests()
    {
        _health = new StationHealth(_clock);
        _health.Prepared();
        _health.Changed += () => _changes++;
        _problem = new TransientProblem(_health, "pictures", _clock);
    }

    [Fact]
    public void Events_that_come_and_go_are_one_problem()
    {
        Assert.True(_problem.Raise("pictures are dropped: 1"));
        for (var i = 2; i < 1000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            Assert.False(_problem.Raise($"pictures are dropped: {i}"));
        }

        Assert.Equal(1, _changes);
        Assert.Contains("pictures are dropped: 1", _health.Current.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_ends_when_no_event_has_come_for_the_off_delay_and_is_then_new_again()
    {
        _problem.Raise("pictures are dropped");
        _clock.Advance(TransientProblem.OffDelay / 2);
        _problem.Raise("pictures are dropped");
        _clock.Advance(TransientProblem.OffDelay * 0.9);
        Assert.NotNull(_health.Current.Reason);

        _clock.Advance(TransientProblem.OffDelay);

        Assert.Null(_health.Current.Reason);
        Assert.True(_problem.Raise("pictures are dropped"));
        Assert.NotNull(_health.Current.Reason);
    }
}
