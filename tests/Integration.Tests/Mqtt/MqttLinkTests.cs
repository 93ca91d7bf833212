using MrfAd.Station.Mqtt;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Mqtt.MessageText;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Messages, their properties and their handlers, over the <see cref="IMqttLink"/> that the product uses.</summary>
public sealed class MqttLinkTests
{
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

        await second.Task.WaitAsync(TestTimeout.Value);
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
}
