using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Agent.Health;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Reporting;
using MrfAd.Testing;

namespace MrfAd.Agent.Tests.Reporting;

public sealed class OutgoingTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0", "test");
    private readonly CancellationTokenSource _stop = new();
    private readonly BrokerConnection _broker;

    public OutgoingTests() => _broker = new BrokerConnection(_link, new StationHealth(_clock));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _meter.Dispose();
        await _link.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_for_the_broker_goes_out_in_order_and_is_called_late()
    {
        var outgoing = Make(capacity: 10);
        var running = outgoing.RunAsync(_stop.Token);

        _ = outgoing.Add(1, Task.CompletedTask);
        _ = outgoing.Add(2, Task.CompletedTask);
        Assert.Empty(_link.Published);
        _link.Connect();
        await _link.NextAsync();
        await _link.NextAsync();
        _ = outgoing.Add(3, Task.CompletedTask);
        outgoing.Complete();
        await running.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["1 late", "2 late", "3"], Texts());
    }

    [Fact]
    public async Task When_too_many_wait_the_oldest_are_dropped()
    {
        var outgoing = Make(capacity: 3);
        for (var i = 1; i <= 5; i++)
            _ = outgoing.Add(i, Task.CompletedTask);

        Assert.Equal(3, outgoing.Count);
        outgoing.Complete();
        _link.Connect();
        await outgoing.RunAsync(_stop.Token).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["3 late", "4 late", "5 late"], Texts());
    }

    [Fact]
    public async Task A_message_whose_acknowledgement_was_lost_is_sent_again_after_a_second_and_is_late()
    {
        _link.Connect();
        _link.Failures.Enqueue(MqttFailure.Lost);
        var outgoing = Make(capacity: 3);
        _ = outgoing.Add(1, Task.CompletedTask);
        outgoing.Complete();
        var running = outgoing.RunAsync(_stop.Token);

        await _clock.TimerArmedAsync();
        Assert.Empty(_link.Published);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await running.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["1 late"], Texts());
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_does_not_block_the_next()
    {
        _link.Connect();
        _link.Failures.Enqueue(MqttFailure.Refused);
        var outgoing = Make(capacity: 3);
        _ = outgoing.Add(1, Task.CompletedTask);
        _ = outgoing.Add(2, Task.CompletedTask);
        outgoing.Complete();

        await outgoing.RunAsync(_stop.Token).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["2"], Texts());
    }

    [Fact]
    public async Task An_item_goes_out_after_the_one_it_follows()
    {
        _link.Connect();
        var outgoing = Make(capacity: 3);
        var verdict = new TaskCompletionSource();
        var gone = outgoing.Add(1, after: verdict.Task);
        outgoing.Complete();
        var running = outgoing.RunAsync(_stop.Token);

        Assert.Empty(_link.Published);
        Assert.False(gone.IsCompleted);
        verdict.SetResult();
        await running.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["1"], Texts());
        Assert.True(gone.IsCompletedSuccessfully);
    }

    private Outgoing<int> Make(int capacity) => new(
        "verdict", capacity, (n, late) => new MqttMessage("t", Encoding.UTF8.GetBytes(late ? $"{n} late" : $"{n}")), _link, _broker, _meter, _clock, NullLogger.Instance);

    private IEnumerable<string> Texts() => _link.Published.Select(m => Encoding.UTF8.GetString(m.Payload.Span));
}
