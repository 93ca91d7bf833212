using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Mqtt.MessageText;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Persistent sessions, limits of the broker, and MQTT 3.1.1.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(MqttProtocol.Mqtt5)]
    [InlineData(MqttProtocol.Mqtt311)]
    public async Task A_command_for_a_station_that_is_away_waits_where_the_session_is_kept(MqttProtocol protocol)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        MqttOptions Keep(MqttOptions o) => o with { ClientId = "station", SessionExpiry = TimeSpan.FromMinutes(5), Protocol = protocol };
        await using (var before = Peer.At(broker.Port, options: Keep))
        {
            before.Listen("cmd/+");
            before.Link.Start();
            await before.ConnectionAsync();
            await before.Link.StopAsync(null, CancellationToken.None);
        }

        await sender.PublishAsync("cmd/trigger", "meanwhile");

        await using var after = Peer.At(broker.Port, options: Keep);
        after.Listen("cmd/+");
        after.Link.Start();
        Assert.Equal("meanwhile", AsText(await after.NextAsync()));
    }

    [Fact]
    public async Task A_command_for_a_station_that_is_away_is_gone_where_no_session_is_kept()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        static MqttOptions Named(MqttOptions o) => o with { ClientId = "station" };
        await using (var before = Peer.At(broker.Port, options: Named))
        {
            before.Listen("cmd/+");
            before.Link.Start();
            await before.ConnectionAsync();
            await before.Link.StopAsync(null, CancellationToken.None);
        }

        await sender.PublishAsync("cmd/trigger", "meanwhile");

        await using var after = Peer.At(broker.Port, options: Named);
        after.Listen("cmd/+");
        after.Link.Start();
        await after.ConnectionAsync();
        await sender.PublishAsync("cmd/trigger", "now");
        Assert.Equal("now", AsText(await after.NextAsync()));
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_neither_breaks_the_connection_nor_delays_the_next()
    {
        var clock = new ShiftedClock();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using var station = Peer.At(proxy.Port, clock: clock);
        station.Link.Start();
        await station.ConnectionAsync();

        foreach (var days in (int[])[-4000, 4000])
        {
            clock.Wall = TimeSpan.FromDays(days);
            await station.PublishAsync("a", "still here");
            proxy.Cut();
            await station.LossAsync();
            await station.ConnectionAsync();
        }
    }

    [Fact]
    public async Task A_message_larger_than_the_broker_takes_is_refused_before_it_is_sent_and_the_largest_passes()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_packet_size 10000");
        await using var peer = await Peer.ConnectedAsync(broker.Port, listenTo: "camera/heatmap");
        Assert.Equal(10_000, peer.Link.MaximumPacketBytes);
        var picture = new MqttMessage("camera/heatmap", default) { ContentType = "image/png", UserProperties = [new("id", "7")] };
        var room = 10_000 - (int)picture.PacketBytes;

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => peer.PublishAsync(picture with { Payload = new byte[room + 1] }));
        await peer.PublishAsync(picture with { Payload = new byte[room] });

        Assert.Equal(MqttFailure.Refused, refused.Failure);
        Assert.Contains("takes packets of 10000 bytes, this has 10001", refused.Message, StringComparison.Ordinal);
        Assert.Equal(room, (await peer.NextAsync()).Payload.Length);
    }

    [Fact]
    public async Task No_more_messages_wait_for_acknowledgement_than_the_broker_allows()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_inflight_messages 2");
        await using var proxy = new TcpProxy(broker.Port);
        await using var sender = await Peer.ConnectedAsync(proxy.Port);
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "part/+");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => sender.PublishAsync($"part/{i}", "verdict")));

        for (var i = 0; i < 200; i++)
            Assert.Equal($"part/{i}", (await listener.NextAsync()).Topic);
        Assert.Single(broker.Log.Split('\n'), line => line.Contains("as " + sender.Options.ClientId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Those_that_wait_for_a_place_fail_when_the_line_is_cut_and_are_not_sent_later()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_inflight_messages 1");
        await using var proxy = new TcpProxy(broker.Port);
        await using var sender = await Peer.ConnectedAsync(proxy.Port);
        proxy.Hold();

        var first = sender.PublishAsync("part/1", "?");
        await proxy.HeldAsync();
        var second = sender.PublishAsync("part/2", "?");
        proxy.Cut();

        Assert.Equal(MqttFailure.Lost, (await Assert.ThrowsAsync<MqttLinkException>(() => first)).Failure);
        Assert.Equal(MqttFailure.NotConnected, (await Assert.ThrowsAsync<MqttLinkException>(() => second)).Failure);
    }

    [Fact]
    public async Task Those_that_wait_for_a_place_fail_at_once_when_the_link_stops()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_inflight_messages 1");
        await using var proxy = new TcpProxy(broker.Port);
        // Without a ping that fails meanwhile: only the stop itself ends them.
        await using var sender = Peer.At(proxy.Port, options: o => o with { KeepAlive = TimeSpan.FromHours(10) });
        sender.Link.Start();
        await sender.ConnectionAsync();
        proxy.Hold();

        var first = sender.PublishAsync("part/1", "?");
        await proxy.HeldAsync();
        var second = sender.PublishAsync("part/2", "?");
        await sender.DisposeAsync().AsTask().WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<MqttLinkException>(() => first);
        Assert.Equal(MqttFailure.NotConnected, (await Assert.ThrowsAsync<MqttLinkException>(() => second)).Failure);
    }

    [Fact]
    public async Task A_password_changed_on_both_sides_while_connected_needs_no_restart()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("password"), "old-secret", TestContext.Current.CancellationToken);
        await using var broker = await MosquittoBroker.StartNewAsync(users: new Dictionary<string, string> { ["station"] = "old-secret" });
        await using var station = Peer.At(broker.Port, options: o => o with { Username = "station", PasswordFile = folder.File("password") });
        station.Link.Start();
        await station.ConnectionAsync();

        await broker.ChangeUsersAsync(new Dictionary<string, string> { ["station"] = "new-secret" });
        await station.LossAsync();
        await File.WriteAllTextAsync(folder.File("password"), "new-secret", TestContext.Current.CancellationToken);
        await station.ConnectionAsync();

        await station.PublishAsync("a", "b");
        Assert.DoesNotContain("secret", station.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_3_1_1_a_message_goes_without_its_properties_and_the_will_is_kept()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, listenTo: "station/#");
        var station = Peer.At(broker.Port, new MqttMessage("station/status", "gone"u8.ToArray()) { ContentType = "text/plain" }, o => o with { Protocol = MqttProtocol.Mqtt311 });
        station.Link.Start();
        await station.ConnectionAsync();

        await station.PublishAsync(new MqttMessage("station/verdict", "{}"u8.ToArray()) { ContentType = "application/json", Expiry = TimeSpan.FromSeconds(9), UserProperties = [new("id", "7")] });
        var message = await listener.NextAsync();
        Assert.Equal("{}", AsText(message));
        Assert.Null(message.ContentType);
        Assert.Contains("(p2, c1", broker.Log, StringComparison.Ordinal);

        await station.DisposeAsync();
        Assert.Equal("gone", AsText(await listener.NextAsync()));
    }

    [Fact]
    public async Task Over_3_1_1_a_refusal_has_its_reason()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(users: new Dictionary<string, string> { ["a"] = "b" });
        await using var stranger = Peer.At(broker.Port, options: o => o with { Protocol = MqttProtocol.Mqtt311 });
        stranger.Link.Start();

        Assert.Contains("not authori", await stranger.LossAsync(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The system's clock with an adjustable wall clock.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        /// <summary>The adjustment of the wall clock.</summary>
        public TimeSpan Wall { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Wall;
    }
}
