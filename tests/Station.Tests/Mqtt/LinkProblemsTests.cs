using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Mqtt;

/// <summary>The sentences about a broker that refuses topics.</summary>
public sealed class LinkProblemsTests
{
    private readonly List<LinkProblems> _changes = [];
    private readonly LinkProblemRegister _register;

    public LinkProblemsTests() => _register = new LinkProblemRegister(_changes.Add);

    [Fact]
    public void A_refused_topic_is_named_with_its_reason_until_it_is_accepted()
    {
        Assert.True(_register.Refuse(new("a/verdict", false, "not authorized")));
        Assert.False(_register.Refuse(new("a/verdict", false, "not authorized")));
        Assert.True(_register.Refuse(new("cmd/+", true, "quota exceeded")));
        Assert.Equal("the broker refuses messages on 'a/verdict': not authorized; the subscription to 'cmd/+': quota exceeded", _register.Current.Refusal);

        Assert.False(_register.Accept("a/verdict", isSubscription: true));
        Assert.True(_register.Accept("a/verdict", isSubscription: false));
        Assert.Equal("the broker refuses the subscription to 'cmd/+': quota exceeded", _register.Current.Refusal);
        Assert.True(_register.Accept("cmd/+", isSubscription: true));
        Assert.Null(_register.Current.Refusal);
        Assert.Equal(4, _changes.Count);
    }

    [Fact]
    public void Many_refused_topics_make_one_short_sentence()
    {
        for (var i = 0; i < 30; i++)
            _register.Refuse(new($"{i:00}/verdict", false, "not authorized"));

        Assert.Equal("the broker refuses messages on '00/verdict', '01/verdict', '02/verdict' and 27 more: not authorized", _register.Current.Refusal);
    }

    [Fact]
    public void Messages_that_can_never_be_accepted_are_counted_over_connections()
    {
        _register.Drop("a/verdict", "too large");
        _register.EndConnection();
        _register.Drop("b/verdict", "payload format invalid");

        Assert.Equal("2 messages were dropped that the broker can never accept, the last on 'b/verdict': payload format invalid", _register.Current.Loss);
    }

    [Fact]
    public async Task Whoever_waits_for_a_refusal_waits_again_once_all_is_accepted()
    {
        _register.Refuse(new("a", false, "not authorized"));
        await _register.WaitForRefusalAsync(CancellationToken.None);
        _register.EndConnection();

        var waiting = _register.WaitForRefusalAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _register.Refuse(new("a", false, "not authorized"));
        await waiting.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_refused_topic_makes_the_station_degraded_and_a_dropped_message_is_a_warning_that_stays()
    {
        var (health, link) = (new StationHealth(new FakeClock()), new FakeLink());
        _ = new BrokerConnection(link, health);
        health.Prepared();
        link.Connect();
        Assert.Equal((StationState.Ready, null), (health.Current.State, health.Current.Reason));

        _register.Refuse(new("a/verdict", false, "not authorized"));
        link.SetProblems(_register.Current);
        Assert.Equal((StationState.Degraded, "the broker refuses messages on 'a/verdict': not authorized"), (health.Current.State, health.Current.Reason));

        _register.Accept("a/verdict", isSubscription: false);
        _register.Drop("a/verdict", "too large");
        link.SetProblems(_register.Current);
        Assert.Equal((StationState.Ready, "1 message was dropped that the broker can never accept, the last on 'a/verdict': too large"), (health.Current.State, health.Current.Reason));

        link.SetProblems(_register.Current with { ClientIdConflict = "another client uses the client id 'press'" });
        Assert.Equal(StationState.Degraded, health.Current.State);
        Assert.StartsWith("another client uses", health.Current.Reason, StringComparison.Ordinal);
    }
}
