using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Mqtt;

public sealed class ClientIdConflictTests : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500), MaxDelay = TimeSpan.FromMinutes(5);

    private readonly FakeClock _clock = new();
    private readonly ClientIdConflict _conflict;
    private string? _problem;

    public ClientIdConflictTests() => _conflict = new ClientIdConflict("press", FirstDelay, MaxDelay, _clock, problem => _problem = problem);

    public void Dispose() => _conflict.Dispose();

    [Fact]
    public void A_client_that_is_displaced_once_connects_again_at_once_and_nothing_is_wrong()
    {
        Assert.InRange(Displaced()!.Value, FirstDelay / 2, FirstDelay);
        Assert.Null(_problem);
    }

    [Fact]
    public void Each_time_it_is_displaced_again_it_waits_longer_up_to_the_maximum()
    {
        var delays = Enumerable.Range(0, 20).Select(_ => Displaced()!.Value).ToList();

        Assert.All(delays.Zip(delays.Skip(2)).Take(8), pair => Assert.True(pair.Second > pair.First, string.Join(", ", delays)));
        Assert.InRange(delays[^1], MaxDelay / 2, MaxDelay);
        Assert.Contains("another client uses the client id 'press'", _problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Connections_that_are_closed_without_a_word_again_and_again_are_suspected()
    {
        Assert.Null(Ended(ConnectionEndKind.Closed));
        Assert.Null(Ended(ConnectionEndKind.Closed));
        Assert.Null(_problem);

        Assert.NotNull(Ended(ConnectionEndKind.Closed));
        Assert.Contains("another client may use the client id 'press'", _problem, StringComparison.Ordinal);
        Assert.True(Ended(ConnectionEndKind.Closed) > FirstDelay / 2);
    }

    [Theory]
    [InlineData(ConnectionEndKind.Lost)]
    [InlineData(ConnectionEndKind.NotConnected)]
    public void A_broker_or_network_that_fails_otherwise_is_no_other_client(ConnectionEndKind kind)
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(Ended(kind));
        Assert.Null(Ended(ConnectionEndKind.Closed));
        Assert.Null(Ended(ConnectionEndKind.Closed));
        Assert.Null(Ended(kind));
        Assert.Null(Ended(ConnectionEndKind.Closed));
        Assert.Null(_problem);
    }

    [Fact]
    public void Connections_that_are_closed_after_a_while_are_no_other_client()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(Ended(ConnectionEndKind.Closed, after: TimeSpan.FromSeconds(6)));
        Assert.Null(_problem);
    }

    [Theory]
    [InlineData(ConnectionEndKind.TakenOver)]
    [InlineData(ConnectionEndKind.Closed)]
    public void A_connection_that_holds_ends_the_conflict(ConnectionEndKind kind)
    {
        for (var i = 0; i < 3; i++)
            Ended(kind);
        Assert.NotNull(_problem);

        _conflict.Begin();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(_problem);
        _clock.Advance(2 * MaxDelay);

        Assert.Null(_problem);
        if (kind == ConnectionEndKind.TakenOver)
            Assert.InRange(_conflict.End(kind)!.Value, FirstDelay / 2, FirstDelay);
        else
            Assert.Null(_conflict.End(kind));
        Assert.Null(_problem);
    }

    private TimeSpan? Displaced() => Ended(ConnectionEndKind.TakenOver);

    private TimeSpan? Ended(ConnectionEndKind kind, TimeSpan? after = null)
    {
        _conflict.Begin();
        _clock.Advance(after ?? TimeSpan.FromMilliseconds(300));
        return _conflict.End(kind);
    }
}
