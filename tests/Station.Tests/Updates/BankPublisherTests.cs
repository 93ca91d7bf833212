using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

public sealed class BankPublisherTests : IAsyncLifetime
{
    private readonly UpdateLab _lab = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        await _lab.StartAsync();
        var broker = new BrokerConnection(_link, new StationHealth(TimeProvider.System));
        _running = new BankPublisher(_lab.Status, _lab.Bank, _link, broker, _lab.Topics, _meter, TimeProvider.System, NullLogger<BankPublisher>.Instance).RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stop.Dispose();
        _meter.Dispose();
        await _link.DisposeAsync();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task The_bank_is_published_retained_after_each_connect_and_each_change()
    {
        for (var i = 0; i < 3; i++)
        {
            _link.Connect();
            var message = await _link.NextAsync();
            Assert.Equal((_lab.Topics.Bank, true, "application/json"), (message.Topic, message.Retain, message.ContentType));
            Assert.Equal(UpdateLab.Version, JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage)!.Current!.Version);
            _link.Lose("lost");
        }

        _link.Connect();
        await _link.NextAsync();
        _lab.Status.NotifyChanged();
        await _link.NextAsync();
    }

    [Fact]
    public async Task A_bank_that_the_broker_has_refused_is_published_when_it_is_due_for_a_retry()
    {
        using var failures = new Counter(_meter, "mrfad_mqtt_publish_failures_total");
        _link.Refused[_lab.Topics.Bank] = MqttFailure.Denied;
        _link.Connect();
        await Poll.UntilAsync(() => failures.Sum > 0, "the refusal is counted");
        _link.Refused.Clear();

        _link.RaiseRetryDue();

        await _link.NextAsync();
    }
}
