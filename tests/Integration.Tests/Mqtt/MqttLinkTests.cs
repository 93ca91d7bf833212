using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Cli.Evaluation;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>The behaviour that <see cref="IMqttLink"/> documents, of the link that the product uses.</summary>
public sealed class MqttLinkTests
{
    private static readonly MqttMessage Will = Text("station/status", "gone") with { Retain = true };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_published_message_reaches_a_subscriber(int qos)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "line/+/verdict");
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await sender.PublishAsync(Text("line/1/verdict", "grüße") with { Qos = qos });

        var received = await listener.NextAsync();
        Assert.Equal("line/1/verdict", received.Topic);
        Assert.Equal("grüße", AsText(received));
        Assert.Equal(qos, received.Qos);
        Assert.False(received.Retain);
    }

    [Fact]
    public async Task A_retained_message_greets_who_comes_later()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await sender.PublishAsync(Text("station/state", "Ready") with { Retain = true });

        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/state");

        var received = await listener.NextAsync();
        Assert.Equal("Ready", AsText(received));
        Assert.True(received.Retain);
    }

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
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await sender.PublishAsync("cmd/trigger", "dealt with");
        await accepting.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await sender.PublishAsync("cmd/trigger", "1");

        Assert.DoesNotContain("Received PUBACK from station", broker.Log, StringComparison.Ordinal);
        onDisk.Set();
        Assert.Equal("1", AsText(await handled.Task.WaitAsync(TimeSpan.FromSeconds(20))));
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

        async Task<string> NextAsync() => await received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
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

        await good.Task.WaitAsync(TimeSpan.FromSeconds(20));
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
        await last.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_cut_line_makes_the_broker_send_the_will_and_the_link_comes_back()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/status");
        await using var station = await Peer.ConnectedAsync(proxy.Port, will: Will with { ContentType = "text/plain" });

        proxy.Cut();

        var received = await listener.NextAsync();
        Assert.Equal("gone", AsText(received));
        Assert.Equal("text/plain", received.ContentType);
        Assert.Contains($"127.0.0.1:{proxy.Port}", await station.LossAsync(), StringComparison.Ordinal);
        await station.ConnectionAsync();
        await station.PublishAsync("station/status", "back");
        Assert.Equal("back", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task A_link_that_is_disposed_without_a_farewell_leaves_its_will()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/status");
        var station = await Peer.ConnectedAsync(broker.Port, will: Will);

        await station.DisposeAsync();

        Assert.Equal("gone", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task After_a_farewell_there_is_no_will()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/#");
        await using var station = await Peer.ConnectedAsync(broker.Port, will: Will);

        await station.Link.StopAsync(Text("station/status", "bye"), CancellationToken.None);

        Assert.Equal("bye", AsText(await listener.NextAsync()));
        Assert.False(station.Link.IsConnected);
        // The broker handles its clients one after the other, so a will would have arrived before this message.
        await listener.PublishAsync("station/marker", "next");
        Assert.Equal("next", AsText(await listener.NextAsync()));
        Assert.Contains("disconnected.", broker.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Subscriptions_survive_a_broker_that_is_stopped_or_killed_and_comes_back(bool killed)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "cmd/#");

        await (killed ? broker.KillAsync() : broker.StopAsync());
        await listener.LossAsync();
        Assert.False(listener.Link.IsConnected);
        await broker.StartAsync();
        await listener.ConnectionAsync();

        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await sender.PublishAsync("cmd/trigger", "1");
        Assert.Equal("1", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task A_link_that_starts_before_its_broker_connects_when_it_appears()
    {
        await using var broker = await MosquittoBroker.PrepareAsync();
        await using var peer = Peer.At(broker.Port);
        peer.Link.Start();
        Assert.Contains("refused", await peer.LossAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.False(peer.Link.IsConnected);

        await broker.StartAsync();
        await peer.ConnectionAsync();

        Assert.True(peer.Link.IsConnected);
        await peer.PublishAsync("a", "b");
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
            Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(20)), $"no message arrived after {i + 1} cuts");
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

        Assert.Equal(MqttFailure.Refused, refused.Failure);
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
    public async Task All_properties_arrive_as_they_were_sent()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "cmd/trigger");
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        var sent = Text("cmd/trigger", "{}") with
        {
            ContentType = "application/json",
            ResponseTopic = "reply/here",
            CorrelationData = new byte[] { 0, 1, 255 },
            Expiry = TimeSpan.FromSeconds(99.5),
            UserProperties = [new("id", "1"), new("id", "2"), new("straße", "ß")],
        };

        await sender.PublishAsync(sent);

        var received = await listener.NextAsync();
        Assert.Equal(sent.ContentType, received.ContentType);
        Assert.Equal(sent.ResponseTopic, received.ResponseTopic);
        Assert.Equal(sent.CorrelationData.ToArray(), received.CorrelationData.ToArray());
        Assert.InRange(received.Expiry!.Value, TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(100));
        Assert.Equal(sent.UserProperties, received.UserProperties);
    }

    [Fact]
    public async Task A_message_without_properties_has_none()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "a");
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await sender.PublishAsync(new MqttMessage("a", ReadOnlyMemory<byte>.Empty));

        var received = await listener.NextAsync();
        Assert.True(received.Payload.IsEmpty);
        Assert.Null(received.ContentType);
        Assert.Null(received.ResponseTopic);
        Assert.Null(received.Expiry);
        Assert.True(received.CorrelationData.IsEmpty);
        Assert.Empty(received.UserProperties);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_and_gets_the_next_message()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var peer = Peer.At(broker.Port);
        var second = new TaskCompletionSource();
        peer.Link.Subscribe("cmd/a", (message, _) =>
        {
            if (AsText(message) == "1")
                throw new InvalidOperationException("a bug in a handler");
            second.SetResult();
            return Task.CompletedTask;
        });
        peer.Link.Start();
        await peer.ConnectionAsync();

        await peer.PublishAsync("cmd/a", "1");
        await peer.PublishAsync("cmd/a", "2");

        await second.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("a bug in a handler", peer.Log.Text, StringComparison.Ordinal);
        Assert.Contains("cmd/a", peer.Log.Text, StringComparison.Ordinal);
        Assert.True(peer.Link.IsConnected);
    }

    [Fact]
    public async Task A_handler_may_publish_and_wait_for_the_acknowledgement()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var asker = await Peer.ConnectedAsync(broker.Port, listenTo: "reply/1");
        await using var station = Peer.At(broker.Port);
        station.Link.Subscribe("cmd/+", (message, cancellationToken) =>
            station.Link.PublishAsync(Text(message.ResponseTopic!, "done") with { CorrelationData = message.CorrelationData }, cancellationToken));
        station.Link.Start();
        await station.ConnectionAsync();

        await asker.PublishAsync(Text("cmd/trigger", "") with { ResponseTopic = "reply/1", CorrelationData = new byte[] { 7 } });

        var reply = await asker.NextAsync();
        Assert.Equal("done", AsText(reply));
        Assert.Equal([7], reply.CorrelationData.ToArray());
    }

    [Fact]
    public async Task Messages_are_handled_in_the_order_they_were_sent_from_many_threads_at_once()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "order/+");
        await using var sender = await Peer.ConnectedAsync(broker.Port);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(camera => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                await sender.PublishAsync($"order/{camera}", $"{i}");
        })));

        var next = new int[4];
        for (var i = 0; i < 200; i++)
        {
            var message = await listener.NextAsync();
            var camera = message.Topic[^1] - '0';
            Assert.Equal($"{next[camera]++}", AsText(message));
        }
    }

    [Fact]
    public async Task Two_megabytes_of_any_bytes_arrive_unchanged()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "camera/heatmap");
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        var picture = new byte[2 * 1024 * 1024];
        new Random(1).NextBytes(picture);

        await sender.PublishAsync(new MqttMessage("camera/heatmap", picture) { ContentType = "image/png" });

        Assert.True((await listener.NextAsync()).Payload.Span.SequenceEqual(picture));
    }

    [Fact]
    public async Task A_wrong_password_is_a_reason_that_does_not_tell_it_and_a_corrected_file_is_read_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("password");
        await File.WriteAllTextAsync(file, "wrong-secret\n");
        await using var broker = await MosquittoBroker.StartNewAsync(users: new Dictionary<string, string> { ["station"] = "right-secret" });
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = "station", PasswordFile = file });
        peer.Link.Start();

        var reason = await peer.LossAsync();
        Assert.Contains("not authorized", reason, StringComparison.OrdinalIgnoreCase);

        await File.WriteAllTextAsync(file, "right-secret\n");
        await peer.ConnectionAsync();
        Assert.DoesNotContain("secret", reason + peer.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_a_reason()
    {
        await using var peer = Peer.At(1883, options: o => o with { Host = "no-such-host.invalid" });
        peer.Link.Start();

        Assert.StartsWith("broker no-such-host.invalid:1883: the name 'no-such-host.invalid' cannot be resolved: ", await peer.LossAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("unforeseen", peer.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_password_file_is_named()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = "station", PasswordFile = "/nowhere/password" });
        peer.Link.Start();

        Assert.Contains("'/nowhere/password'", await peer.LossAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("a/b+")]
    [InlineData("a#")]
    public async Task A_filter_that_no_broker_takes_is_refused_before_the_start(string filter)
    {
        await using var peer = Peer.At(FreePort.Next());

        Assert.Contains($"'{filter}'", Assert.Throws<ArgumentException>(() => peer.Listen(filter)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_stays_away_is_logged_once_per_reason()
    {
        await using var peer = Peer.At(FreePort.Next());
        peer.Link.Start();

        for (var i = 0; i < 3; i++)
            await peer.LossAsync();

        Assert.Single(peer.Log.Lines);
    }

    [Fact]
    public async Task A_stop_is_quick_and_without_error_where_no_broker_is()
    {
        await using var peer = Peer.At(FreePort.Next());
        peer.Link.Start();
        await peer.LossAsync();

        await peer.Link.StopAsync(Text("station/status", "bye"), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.False(peer.Link.IsConnected);
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

    private static MqttMessage Text(string topic, string text) => new(topic, Encoding.UTF8.GetBytes(text));

    private static string AsText(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
