using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Reporting;

public sealed class StatePublisherTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;

    public StatePublisherTests() => _health = new StationHealth(_clock);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task What_a_camera_counts_is_told_once_a_second_however_much_it_is()
    {
        _health.AddCamera("top");
        _health.Prepared();
        var broker = new BrokerConnection(_link, _health);
        using var stop = new CancellationTokenSource();
        var running = new StatePublisher(broker, Messages.Station, _health, _meter, _clock, NullLogger<StatePublisher>.Instance).RunAsync(stop.Token);
        _link.Connect();
        StationStateMessage state;
        do
            state = await NextAsync();
        while (state.State != StationState.Ready);
        Assert.Equal([new CameraMismatches { Camera = "top" }], state.Cameras);

        for (var i = 0; i < 100; i++)
            _health.Mismatched("top", i % 2 == 0 ? "lost" : "surplus", 1);
        _clock.Advance(TimeSpan.FromSeconds(1));

        // The state may be published once more after the connect, with the counts so far.
        var sum = new CameraMismatches { Camera = "top", Lost = 50, Surplus = 50 };
        if ((await NextAsync()).Cameras[0] != sum)
            Assert.Equal([sum], (await NextAsync()).Cameras);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _health.Set("camera top", "top: away");
        Assert.Equal("top: away", (await NextAsync()).Reason); // and nothing was told in between
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task<StationStateMessage> NextAsync()
    {
        MqttMessage message;
        do
            message = await _link.NextAsync();
        while (!message.Topic.EndsWith("/state", StringComparison.Ordinal));
        return JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StationStateMessage)!;
    }
}
