using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Mqtt.MessageText;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Acknowledgements in both directions: a message is acknowledged once it is safe, and a publish succeeds once it is acknowledged.</summary>
public sealed class MqttAcknowledgementTests
{
    [Fact]
    public async Task A_message_is_acknowledged_after_it_was_accepted_and_not_before()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var station = new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = "station" }, null, TimeProvider.System, NullLogger.Instance);
        var (connected, accepting, handled) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource<MqttMessage>());
        using var onDisk = new ManualResetEventSlim();
        station.ConnectionChanged += _ => connected.TrySetResult();
        station.Subscribe(
            "cmd/+",
            (message, _) =>
            {
                handled.TrySetResult(message);
                return Task.CompletedTask;
            },
            message =>
            {
                accepting.TrySetResult();
                onDisk.Wait();
                return AsText(message) != "dealt with";
            });
        station.Start();
        await connected.Task.WaitAsync(TestTimeout.Value);
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await sender.PublishAsync("cmd/trigger", "dealt with");
        await accepting.Task.WaitAsync(TestTimeout.Value);
        await sender.PublishAsync("cmd/trigger", "1");

        Assert.DoesNotContain("Received PUBACK from station", broker.Log, StringComparison.Ordinal);
        onDisk.Set();
        Assert.Equal("1", AsText(await handled.Task.WaitAsync(TestTimeout.Value)));
        await broker.LoggedAsync("Received PUBACK from station");
    }

    [Fact]
    public async Task A_message_that_could_not_be_accepted_is_not_acknowledged_and_comes_again_after_the_next_connect()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var station = Peer.At(proxy.Port, options: o => o with { ClientId = "station", SessionExpiry = TimeSpan.FromMinutes(5) });
        var (isFull, received) = (true, System.Threading.Channels.Channel.CreateUnbounded<string>());
        station.Link.Subscribe("cmd/+", (_, _) => Task.CompletedTask, message =>
        {
            received.Writer.TryWrite(AsText(message));
            return Volatile.Read(ref isFull) && AsText(message) == "1" ? throw new IOException("the disk is full") : false;
        });
        station.Link.Start();
        await station.ConnectionAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await sender.PublishAsync("cmd/trigger", "1");
        await sender.PublishAsync("cmd/trigger", "2");
        Assert.Equal("1", await NextAsync());
        Assert.Equal("2", await NextAsync());
        Volatile.Write(ref isFull, false);
        proxy.Cut();

        string again;
        do
            again = await NextAsync();
        while (again == "2"); // the acknowledgement may have been cut off
        Assert.Equal("1", again);
        Assert.Contains("the disk is full", station.Log.Text, StringComparison.Ordinal);

        async Task<string> NextAsync() => await received.Reader.ReadAsync().AsTask().WaitAsync(TestTimeout.Value);
    }

    [Fact]
    public async Task Many_messages_that_could_not_be_accepted_leave_room_for_those_that_can()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var station = Peer.At(broker.Port);
        var good = new TaskCompletionSource();
        station.Link.Subscribe("cmd/+", (_, _) => Task.CompletedTask, message => AsText(message) == "good" ? !good.TrySetResult() : throw new InvalidOperationException("a bug"));
        station.Link.Start();
        await station.ConnectionAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        // More than the hundred that may be unacknowledged.
        for (var i = 0; i < 120; i++)
            await sender.PublishAsync("cmd/trigger", "bad");
        await sender.PublishAsync("cmd/trigger", "good");

        await good.Task.WaitAsync(TestTimeout.Value);
    }

    [Fact]
    public async Task A_broker_sends_no_more_than_a_hundred_messages_ahead_of_our_acknowledgements()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_inflight_messages 0");
        await using var station = Peer.At(broker.Port, options: o => o with { ClientId = "station" });
        using var free = new SemaphoreSlim(0);
        var last = new TaskCompletionSource();
        station.Link.Subscribe("part/+", (_, _) => Task.CompletedTask, message =>
        {
            free.Wait();
            return message.Topic == "part/299" && !last.TrySetResult();
        });
        station.Link.Start();
        await station.ConnectionAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => sender.PublishAsync($"part/{i}", "picture")));

        // The broker has acknowledged all messages to their sender, so it has sent as many as it may.
        Assert.Equal(100, broker.Log.Split('\n').Count(line => line.Contains("Sending PUBLISH to station (", StringComparison.Ordinal)));
        free.Release(300);
        await last.Task.WaitAsync(TestTimeout.Value);
    }

    [Fact]
    public async Task Publishing_without_a_connection_fails_and_nothing_is_sent_later()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await broker.KillAsync();
        await sender.LossAsync();

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => sender.PublishAsync("line/verdict", "stale"));
        Assert.Equal(MqttFailure.NotConnected, refused.Failure);
        Assert.Contains("'line/verdict'", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{broker.Port}", refused.Message, StringComparison.Ordinal);

        await broker.StartAsync();
        await sender.ConnectionAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "line/#");
        await sender.PublishAsync("line/verdict", "fresh");
        Assert.Equal("fresh", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task A_message_without_an_acknowledgement_fails_when_the_line_is_cut()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var sender = await Peer.ConnectedAsync(proxy.Port);
        proxy.Hold();

        var publishing = sender.PublishAsync("line/verdict", "?");
        await proxy.HeldAsync();
        proxy.Cut();

        Assert.Equal(MqttFailure.Lost, (await Assert.ThrowsAsync<MqttLinkException>(() => publishing)).Failure);
    }

    [Fact]
    public async Task Each_message_is_acknowledged_or_fails_while_the_line_is_cut_again_and_again()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "part/+");
        await using var sender = await Peer.ConnectedAsync(proxy.Port);
        using var arrived = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (var part = 0; !stop.IsCancellationRequested; part++)
            {
                try
                {
                    await sender.PublishAsync($"part/{part}", "verdict");
                }
                catch (MqttLinkException)
                {
                    continue;
                }

                // A failed message may have arrived; an acknowledged one must have.
                while ((await listener.NextAsync()).Topic != $"part/{part}")
                {
                }

                arrived.Release();
            }
        });

        for (var i = 0; i < 20; i++)
        {
            proxy.Cut();
            await sender.LossAsync();
            await sender.ConnectionAsync();
            Assert.True(await arrived.WaitAsync(TestTimeout.Value), $"no message arrived after {i + 1} cuts");
        }

        await stop.CancelAsync();
        await publishing;
    }

    [Fact]
    public async Task A_message_the_broker_refuses_fails_with_its_reason()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: "topic read allowed");
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => sender.PublishAsync("forbidden", "x"));

        Assert.Equal(MqttFailure.Denied, refused.Failure);
        Assert.Contains("not authorized", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(sender.Link.IsConnected);
    }

    [Fact]
    public async Task A_topic_that_cannot_be_published_to_is_refused_and_the_link_lives()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => sender.PublishAsync("line/#", "x"));

        Assert.Equal(MqttFailure.Refused, refused.Failure);
        await sender.PublishAsync("line/1", "x");
    }

    [Fact]
    public async Task A_cancelled_publish_ends_at_once()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var sender = await Peer.ConnectedAsync(proxy.Port);
        proxy.Hold();
        using var cancel = new CancellationTokenSource();

        var publishing = sender.Link.PublishAsync(Text("a", "b"), cancel.Token);
        await proxy.HeldAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }
}
