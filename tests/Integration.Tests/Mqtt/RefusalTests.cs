using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Mqtt.MessageText;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>A broker that refuses messages or subscriptions while the connection holds: what is said of it, and that it is tried again.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_topic_that_the_access_rules_do_not_allow_is_named_until_they_do()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: "topic write allowed");
        await using var station = await Peer.ConnectedAsync(broker.Port);
        var retries = 0;
        station.Link.RetryDue += () =>
        {
            Interlocked.Increment(ref retries);
            _ = station.Link.PublishAsync(Text("line/state", "again"), CancellationToken.None);
        };

        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/state", "1"));
        await station.PublishAsync("allowed", "1");
        var problems = await station.ProblemsAsync(p => p.Refused.Count > 0);
        Assert.Equal([new RefusedTopic("line/state", IsSubscription: false, "not authorized")], problems.Refused);

        await broker.ChangeAccessRulesAsync("topic write #");
        await station.ProblemsAsync(p => p.Refused.Count == 0);
        Assert.True(retries > 0);
        Assert.True(station.Link.IsConnected);
    }

    [Fact]
    public async Task A_refused_answer_to_somebody_else_is_no_problem_of_the_link()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: "topic write allowed");
        await using var station = await Peer.ConnectedAsync(broker.Port);

        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync(Text("replies/x", "1") with { IsReply = true }));
        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/state", "1"));

        Assert.Equal("line/state", Assert.Single((await station.ProblemsAsync(p => p.Refused.Count > 0)).Refused).Topic);
    }

    [Theory]
    [InlineData(MqttProtocol.Mqtt5, "not authorized")]
    [InlineData(MqttProtocol.Mqtt311, "not granted (MQTT 3.1.1 gives no reason)")]
    public async Task A_subscription_that_is_refused_is_named_and_made_without_a_reconnect_once_it_is_allowed(MqttProtocol protocol, string reason)
    {
        using var folder = new TemporaryFolder();
        await using var broker = await DynamicSecurity.StartAsync(folder, subscribe: false);
        await using var office = await Peer.ConnectedAsync(broker.Port);
        await using var station = Peer.At(broker.Port, options: o => o with { Protocol = protocol });
        station.Listen("cmd/+");
        station.Link.Subscribe("other/status", (_, _) => Task.CompletedTask, isOptional: true);
        station.Link.Start();
        await station.ConnectionAsync();

        Assert.Equal([new RefusedTopic("cmd/+", IsSubscription: true, reason)], (await station.ProblemsAsync(p => p.Refused.Count > 0)).Refused);
        Assert.Contains("the subscription to cmd/+ was refused", station.Log.Text, StringComparison.Ordinal);
        await office.PublishAsync(DynamicSecurity.Topic, DynamicSecurity.AllowSubscriptions);
        await station.ProblemsAsync(p => p.Refused.Count == 0);

        await office.PublishAsync("cmd/trigger", "1");
        Assert.Equal("1", AsText(await station.NextAsync()));
        Assert.Single(broker.Log.Split('\n'), line => line.Contains($"as {station.Options.ClientId}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_refused_on_one_connection_is_found_out_anew_on_the_next()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: "topic write allowed");
        await using var proxy = new TcpProxy(broker.Port);
        await using var station = await Peer.ConnectedAsync(proxy.Port);
        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/state", "1"));
        await station.ProblemsAsync(p => p.Refused.Count == 1);

        proxy.Cut();

        await station.ProblemsAsync(p => p.Refused.Count == 0);
        await station.ConnectionAsync();
        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/state", "1"));
        await station.ProblemsAsync(p => p.Refused.Count == 1);
    }

    [Theory]
    [InlineData(0x97, MqttFailure.QuotaExceeded, "quota exceeded")]
    [InlineData(0x87, MqttFailure.Denied, "not authorized")]
    [InlineData(0x80, MqttFailure.BrokerError, "unspecified error")]
    [InlineData(0x83, MqttFailure.BrokerError, "implementation specific error")]
    public async Task A_reason_that_may_pass_is_told_from_one_that_does_not(int code, MqttFailure failure, string reason)
    {
        var refuses = true;
        await using var broker = new ScriptedBroker(topic => Volatile.Read(ref refuses) && topic == "line/verdict" ? (byte)code : (byte)0);
        broker.Start();
        await using var station = await Peer.ConnectedAsync(broker.Port);

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/verdict", "1"));
        Assert.Equal((failure, true, true), (refused.Failure, refused.IsRefusal, refused.MayPass));
        Assert.Equal($"the broker refuses messages on 'line/verdict': {reason}", (await station.ProblemsAsync(p => p.Refused.Count > 0)).Refusal);

        Volatile.Write(ref refuses, false);
        await station.PublishAsync("line/verdict", "1");
        await station.ProblemsAsync(p => p.Refusal is null);
    }

    [Theory]
    [InlineData(0x90, "topic name invalid")]
    [InlineData(0x99, "payload format invalid")]
    public async Task A_message_that_can_never_be_accepted_is_counted_and_its_topic_is_not_tried_again(int code, string reason)
    {
        await using var broker = new ScriptedBroker(topic => topic == "line/verdict" ? (byte)code : (byte)0);
        broker.Start();
        await using var station = await Peer.ConnectedAsync(broker.Port);

        var refused = await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync("line/verdict", "1"));

        Assert.Equal((MqttFailure.Refused, true, false), (refused.Failure, refused.IsRefusal, refused.MayPass));
        var problems = await station.ProblemsAsync(p => p.Dropped == 1);
        Assert.Empty(problems.Refused);
        Assert.Equal($"1 message was dropped that the broker can never accept, the last on 'line/verdict': {reason}", problems.Loss);
    }

    [Fact]
    public async Task A_packet_that_is_too_large_is_counted_with_its_topic_and_size()
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: "max_packet_size 10000");
        await using var station = await Peer.ConnectedAsync(broker.Port);

        await Assert.ThrowsAsync<MqttLinkException>(() => station.PublishAsync(new MqttMessage("camera/heatmap", new byte[20_000])));

        var problems = await station.ProblemsAsync(p => p.Dropped == 1);
        Assert.Contains("'camera/heatmap': the broker takes packets of 10000 bytes", problems.Loss, StringComparison.Ordinal);
        await station.PublishAsync("camera/heatmap", "small");
    }
}
