using System.Text.Json.Nodes;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary><c>mrfad check</c> at a broker that refuses topics.</summary>
public sealed class CheckTopicsTests(LearnedStation learned) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Root = Listener.Root;
    private const string Others = "topic readwrite #\nuser press\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mqtt5")]
    [InlineData("mqtt311")]
    public async Task A_broker_that_allows_all_passes(string protocol)
    {
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: $"{Others}topic readwrite {Root}/#");

        var (ok, detail) = await CheckAsync(broker, protocol);

        Assert.True(ok, detail);
        Assert.Contains("commands arrive", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt5", "not authorized")]
    [InlineData("mqtt311", "none came back, and MQTT 3.1.1 does not say why")]
    public async Task Each_topic_that_is_refused_is_named_though_the_broker_acknowledges_it(string protocol, string reason)
    {
        await using var broker = await MosquittoBroker.StartNewAsync(
            accessRules: $"{Others}topic read {Root}/#\ntopic write {Root}/s\ntopic write {Root}/status\ntopic write {Root}/state\ntopic write {Root}/outbox\ntopic write {Root}/bank\ntopic write {Root}/top/snapshot");

        var (ok, detail) = await CheckAsync(broker, protocol);

        Assert.False(ok);
        foreach (var topic in (string[])["top/verdict", "top/heatmap"])
            Assert.Contains($"messages on '{Root}/{topic}': {reason}", detail, StringComparison.Ordinal);
        foreach (var topic in (string[])["status", "state", "outbox", "bank", "top/snapshot"])
            Assert.DoesNotContain($"'{Root}/{topic}'", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_that_is_refused_is_named()
    {
        await using var broker = await DynamicSecurity.StartAsync(_folder, subscribe: false);

        var (ok, detail) = await CheckAsync(broker, "mqtt5", user: null);

        Assert.False(ok);
        Assert.Contains($"the subscription to '{Root}/cmd/+': not authorized", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_that_do_not_arrive_though_the_subscription_is_granted_are_found()
    {
        // An ACL file of mosquitto grants every subscription and delivers nothing.
        await using var broker = await MosquittoBroker.StartNewAsync(accessRules: $"{Others}topic write {Root}/#");

        var (ok, detail) = await CheckAsync(broker, "mqtt5");

        Assert.False(ok);
        Assert.Contains($"to deliver '{Root}/cmd/+'", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_station_that_is_online_nothing_is_published()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var consumer = await Peer.ConnectedAsync(broker.Port, listenTo: "#");
        await consumer.PublishAsync(new MqttMessage($"{Root}/status", """{"schema":"mrfad.status.v1","station":"s1","status":"online","version":"1"}"""u8.ToArray()) { Retain = true });
        await consumer.NextAsync();

        var (ok, detail) = await CheckAsync(broker, "mqtt5");

        Assert.True(ok, detail);
        Assert.Contains("the station is online", detail, StringComparison.Ordinal);
        await consumer.PublishAsync("marker", "next");
        Assert.Equal("marker", (await consumer.NextAsync()).Topic);
    }

    [Fact]
    public async Task Elsewhere_it_leaves_nothing_behind()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var sender = await Peer.ConnectedAsync(broker.Port);
        await sender.PublishAsync(new MqttMessage($"{Root}/state", "kept"u8.ToArray()) { Retain = true });

        var (ok, detail) = await CheckAsync(broker, "mqtt5");

        Assert.True(ok, detail);
        await using var consumer = await Peer.ConnectedAsync(broker.Port, listenTo: "#");
        Assert.Equal("kept", MessageText.AsText(await consumer.NextAsync()));
        await sender.PublishAsync("marker", "next");
        Assert.Equal("marker", (await consumer.NextAsync()).Topic);
    }

    private async Task<(bool Ok, string Detail)> CheckAsync(MosquittoBroker broker, string protocol, string? user = "press")
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
        var config = learned.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts" }]""");
        var tree = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        (tree["mqtt"]!["protocol"], tree["mqtt"]!["username"]) = (protocol, user);
        await File.WriteAllTextAsync(config, tree.ToJsonString());

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");

        var check = JsonNode.Parse(output)!["checks"]!.AsArray().Single(c => (string?)c!["name"] == "broker topics")!;
        Assert.Equal((bool)check["ok"]!, code == 0);
        Assert.True(errors.Trim().Length == 0, errors);
        return ((bool)check["ok"]!, (string)check["detail"]!);
    }
}
