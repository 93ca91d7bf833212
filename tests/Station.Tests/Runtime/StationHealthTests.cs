using MrfAd.Contracts;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Runtime;

public sealed class StationHealthTests
{
    private readonly FakeClock _clock = new();
    private readonly StationHealth _health;
    private int _changes;

    public StationHealthTests()
    {
        _health = new StationHealth(_clock);
        _health.Changed += () => _changes++;
    }

    [Fact]
    public void A_station_prepares_then_is_ready_then_runs()
    {
        Assert.Equal(StationState.Preparing, _health.Current.State);
        _health.Running();
        Assert.Equal(StationState.Preparing, _health.Current.State);
        _health.Prepared();
        Assert.Equal(StationState.Ready, _health.Current.State);
        _health.Running();
        Assert.Equal((StationState.Running, true), (_health.Current.State, _health.Current.IsWell));
    }

    [Fact]
    public void It_is_degraded_while_any_part_has_a_problem_and_names_all()
    {
        _health.Prepared();
        _health.Set("camera b", "b: lost");
        _health.Set("broker", "broker: refused");
        Assert.Equal((StationState.Degraded, "broker: refused; b: lost", false), (_health.Current.State, _health.Current.Reason, _health.Current.IsWell));

        _health.Set("broker", null);
        _health.Set("camera b", null);
        Assert.Equal((StationState.Ready, null), (_health.Current.State, _health.Current.Reason));
    }

    [Fact]
    public void The_first_error_stays()
    {
        _health.Prepared();
        _health.Fail("the cause");
        _health.Fail("a consequence");
        _health.Set("broker", "broker: refused");

        Assert.Equal((StationState.Error, "the cause"), (_health.Current.State, _health.Current.Reason));
    }

    [Fact]
    public void Only_a_change_is_told_and_dated()
    {
        _health.Prepared();
        var since = _health.Current.Since;
        _clock.Advance(TimeSpan.FromSeconds(1));

        _health.Prepared();
        Assert.Equal((1, since), (_changes, _health.Current.Since));
        _health.Running();
        Assert.Equal((2, since + TimeSpan.FromSeconds(1)), (_changes, _health.Current.Since));
    }

    [Fact]
    public void What_cameras_count_is_in_the_report_and_changes_no_state()
    {
        _health.AddCamera("b");
        _health.Prepared();
        var before = _changes;
        _health.Mismatched("b", "lost", 2);
        _health.Mismatched("a", "torn", 1);
        _health.Mismatched("b", "lost", 3);
        _health.Mismatched("b", "ignored", 1);

        Assert.Equal([new CameraMismatches { Camera = "a", Torn = 1 }, new CameraMismatches { Camera = "b", Lost = 5, Ignored = 1 }], _health.Current.Cameras);
        Assert.Equal((before, StationState.Ready), (_changes, _health.Current.State));
        _health.Running();
        Assert.Equal(2, _health.Current.Cameras.Count);
    }
}
