using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Mqtt;

/// <summary>Tests the sender without a broker; the test acknowledges the messages.</summary>
public sealed class MessageSenderTests : IAsyncDisposable
{
    private static TimeSpan Timeout => TestTimeout.Value;
    private readonly System.Threading.Channels.Channel<Sent> _sent = System.Threading.Channels.Channel.CreateUnbounded<Sent>();
    private readonly MessageSender _sender;
    private readonly Task _running;

    public MessageSenderTests()
    {
        _sender = new MessageSender((message, cancellationToken) =>
        {
            var sent = new Sent(message.Topic);
            _sent.Writer.TryWrite(sent);
            return sent.Acknowledged.Task.WaitAsync(cancellationToken);
        });
        _running = _sender.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _running.WaitAsync(Timeout);
    }

    [Fact]
    public async Task One_that_is_cancelled_while_it_waits_is_not_sent_and_lets_nobody_pass()
    {
        _sender.BeginConnection(max: 1);
        using var cancel = new CancellationTokenSource();
        var first = _sender.SendAsync(new("1", default), CancellationToken.None);
        var one = await NextAsync();
        var second = _sender.SendAsync(new("2", default), cancel.Token);
        var third = _sender.SendAsync(new("3", default), CancellationToken.None);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Timeout));
        Assert.False(_sent.Reader.TryPeek(out _));
        one.Acknowledged.SetResult();
        await first.WaitAsync(Timeout);

        var next = await NextAsync();
        Assert.Equal("3", next.Topic);
        next.Acknowledged.SetResult();
        await third.WaitAsync(Timeout);
    }

    [Fact]
    public async Task What_waits_for_a_place_on_a_connection_that_is_gone_fails_and_the_next_one_has_places_of_its_own()
    {
        _sender.BeginConnection(max: 1);
        var first = _sender.SendAsync(new("1", default), CancellationToken.None);
        var one = await NextAsync();
        var second = _sender.SendAsync(new("2", default), CancellationToken.None);

        _sender.BeginConnection(max: 1);
        one.Acknowledged.SetException(new MqttLinkException(MqttFailure.Lost, "the line was cut"));

        Assert.Equal(MqttFailure.Lost, (await Assert.ThrowsAsync<MqttLinkException>(() => first.WaitAsync(Timeout))).Failure);
        Assert.Equal(MqttFailure.NotConnected, (await Assert.ThrowsAsync<MqttLinkException>(() => second.WaitAsync(Timeout))).Failure);
        var third = _sender.SendAsync(new("3", default), CancellationToken.None);
        var next = await NextAsync();
        Assert.Equal("3", next.Topic);
        next.Acknowledged.SetResult();
        await third.WaitAsync(Timeout);
    }

    [Fact]
    public async Task A_message_of_an_earlier_connection_is_not_sent_on_the_next_one()
    {
        _sender.BeginConnection(max: 2);
        var earlier = _sender.ConnectionNumber;
        _sender.BeginConnection(max: 2);

        Assert.Equal(MqttFailure.NotConnected, (await Assert.ThrowsAsync<MqttLinkException>(() => _sender.SendAsync(new("1", default) { ConnectionNumber = earlier }, CancellationToken.None))).Failure);
        var second = _sender.SendAsync(new("2", default) { ConnectionNumber = _sender.ConnectionNumber }, CancellationToken.None);
        var next = await NextAsync();
        Assert.Equal("2", next.Topic);
        next.Acknowledged.SetResult();
        await second.WaitAsync(Timeout);
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken()
    {
        _sender.Dispose();

        Assert.Equal(MqttFailure.NotConnected, (await Assert.ThrowsAsync<MqttLinkException>(() => _sender.SendAsync(new("1", default), CancellationToken.None))).Failure);
    }

    private async Task<Sent> NextAsync() => await _sent.Reader.ReadAsync().AsTask().WaitAsync(Timeout);

    private sealed record Sent(string Topic)
    {
        public TaskCompletionSource Acknowledged { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
