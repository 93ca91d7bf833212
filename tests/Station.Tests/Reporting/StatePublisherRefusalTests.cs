using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Reporting;

/// <summary>A broker that refuses one of the two messages of the state publisher.</summary>
public sealed class StatePublisherRefusalTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;

    public StatePublisherRefusalTests() => _health = new StationHealth(_clock);

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData("status", "state")]
    [InlineData("state", "status")]
    public async Task The_other_is_published_and_the_refused_one_when_it_is_due_for_a_retry(string refused, string other)
    {
        _link.Refused[$"{Messages.Station.Topics.Root}/{refused}"] = MqttFailure.Denied;
        using var stop = new CancellationTokenSource();
        var running = new StatePublisher(new BrokerConnection(_link, _health), Messages.Station, _health, _meter, _clock, NullLogger<StatePublisher>.Instance).RunAsync(stop.Token);

        _link.Connect();
        Assert.EndsWith($"/{other}", (await _link.NextAsync()).Topic, StringComparison.Ordinal);

        _link.Refused.Clear();
        _link.RaiseRetryDue();
        while (!(await _link.NextAsync()).Topic.EndsWith($"/{refused}", StringComparison.Ordinal))
        {
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
