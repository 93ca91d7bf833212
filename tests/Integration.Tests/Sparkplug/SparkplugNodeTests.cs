using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sparkplug;
using MrfAd.Testing;
using Judged = MrfAd.Contracts.Verdict;

namespace MrfAd.Integration.Tests.Sparkplug;

/// <summary>The edge node with a real broker; an independent implementation (npm sparkplug-payload) decodes its payloads.</summary>
public sealed class SparkplugNodeTests : IAsyncLifetime
{
    private const string Host = "scada";

    private readonly TemporaryFolder _folder = new();
    private readonly VerdictEvents _events = new(NullLogger<VerdictEvents>.Instance);
    private readonly MrfAdMeter _meter = new("0");
    private MosquittoBroker _broker = null!;
    private TcpProxy _proxy = null!;
    private Peer _host = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await MosquittoBroker.StartNewAsync();
        _proxy = new TcpProxy(_broker.Port);
        _host = await Peer.ConnectedAsync(_broker.Port, listenTo: "spBv1.0/plant/#");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _proxy.DisposeAsync();
        await _broker.DisposeAsync();
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_node_is_born_with_its_devices_reports_each_verdict_and_dies_as_it_was_born()
    {
        using var node = await StartAsync();
        var births = await NextAsync(3);
        _events.Report(Verdict("top", 1, Judged.Ng));
        _events.Report(Verdict("side", 1, Judged.Invalid));
        var data = await NextAsync(2);
        _events.End();
        var death = (await NextAsync(1))[0];

        Assert.Equal(["NBIRTH/s1", "DBIRTH/s1/top", "DBIRTH/s1/side", "DDATA/s1/top", "DDATA/s1/side", "NDEATH/s1"], [.. births.Concat(data).Append(death).Select(m => m.Kind)]);
        Assert.Equal([0, 1, 2, 3, 4], births.Concat(data).Select(m => (int)m.Payload["seq"]!));
        Assert.All(births.Concat(data), m => Assert.Equal((0, false), (m.Message.Qos, m.Message.Retain)));
        Assert.Equal((1, false), (death.Message.Qos, death.Message.Retain));

        Assert.Equal(0, (int)Metric(births[0], "bdSeq")["value"]!);
        Assert.Equal("Int64", (string?)Metric(births[0], "bdSeq")["type"]);
        Assert.False((bool)Metric(births[0], "Node Control/Rebirth")["value"]!);
        Assert.Equal(0, (int)Metric(death, "bdSeq")["value"]!);
        Assert.Null(death.Payload["seq"]);

        Assert.Equal(Names(births[1]), Names(data[0]));
        Assert.Equal("NG", (string?)Metric(data[0], "verdict")["value"]);
        Assert.Equal(31.25, (double)Metric(data[0], "score")["value"]!);
        Assert.Equal("part-1", (string?)Metric(data[0], "trigger/id")["value"]);
        Assert.Equal("SN-1", (string?)Metric(data[0], "serial")["value"]);
        Assert.Null(Metric(data[1], "serial")["value"]);
        Assert.Equal("INVALID", (string?)Metric(data[1], "verdict")["value"]);
        Assert.Null(Metric(data[1], "score")["value"]);
    }

    [Fact]
    public async Task A_line_that_is_cut_brings_the_death_of_this_birth_then_the_next_birth_and_what_was_missed_as_historical()
    {
        using var node = await StartAsync();
        await NextAsync(3);

        _proxy.Cut();
        var death = (await NextAsync(1))[0];
        _events.Report(Verdict("top", 7, Judged.Ok));
        var again = await NextAsync(4);

        Assert.Equal(0, (int)Metric(death, "bdSeq")["value"]!);
        Assert.Equal("NBIRTH/s1", again[0].Kind);
        Assert.Equal(0, (int)again[0].Payload["seq"]!);
        Assert.Equal(1, (int)Metric(again[0], "bdSeq")["value"]!);
        var data = again.SingleOrDefault(m => m.Kind == "DDATA/s1/top") ?? (await NextAsync(1))[0];
        Assert.Equal(7, (int)Metric(data, "seq")["value"]!);
        _events.End();
    }

    [Fact]
    public async Task What_was_given_before_the_birth_comes_after_it_in_order_and_is_called_historical()
    {
        using var node = await StartAsync(primaryHost: Host);
        for (var i = 1; i <= 3; i++)
            _events.Report(Verdict("top", i, Judged.Ok));

        await AnnounceAsync(online: true, at: 1);
        var received = (await NextAsync(6)).ToList();
        _events.Report(Verdict("top", 4, Judged.Ok));
        received.AddRange(await NextAsync(1));

        var data = received.Where(m => m.Kind == "DDATA/s1/top").ToList();
        Assert.Equal([1, 2, 3, 4], data.Select(m => (int)Metric(m, "seq")["value"]!));
        Assert.Equal([true, true, true, null], data.Select(m => (bool?)Metric(m, "verdict")["isHistorical"]));
        _events.End();
    }

    [Fact]
    public async Task A_rebirth_is_the_same_life_from_the_beginning_and_knows_the_latest_verdict()
    {
        using var node = await StartAsync();
        await NextAsync(3);
        _events.Report(Verdict("top", 5, Judged.Ok));
        await NextAsync(1);

        await _host.PublishAsync(new MqttMessage("spBv1.0/plant/NCMD/s1", "no protobuf"u8.ToArray()));
        await AskForBirthAsync();
        var received = await NextAsync(5);

        Assert.Equal(["NCMD/s1", "NCMD/s1", "NBIRTH/s1", "DBIRTH/s1/top", "DBIRTH/s1/side"], [.. received.Select(m => m.Kind)]);
        Assert.Equal([0, 1, 2], received.Skip(2).Select(m => (int)m.Payload["seq"]!));
        Assert.Equal(0, (int)Metric(received[2], "bdSeq")["value"]!);
        Assert.Equal(5, (int)Metric(received[3], "seq")["value"]!);
        _events.End();
    }

    [Fact]
    public async Task The_sequence_number_goes_round_after_255()
    {
        using var node = await StartAsync();
        var received = new List<Received>(await NextAsync(3));
        for (var i = 1; i <= 300; i++)
        {
            _events.Report(Verdict("top", i, Judged.Ok));
            if (i % 100 == 0)
                received.AddRange(await NextAsync(100));
        }

        Assert.Equal(Enumerable.Range(0, 303).Select(i => i % 256), received.Select(m => (int)m.Payload["seq"]!));
        _events.End();
    }

    [Fact]
    public async Task A_restart_is_the_next_life()
    {
        foreach (var life in Enumerable.Range(0, 2))
        {
            var events = new VerdictEvents(NullLogger<VerdictEvents>.Instance);
            using var node = await StartAsync(events: events);
            Assert.Equal(life, (int)Metric((await NextAsync(3))[0], "bdSeq")["value"]!);
            events.End();
            Assert.Equal("NDEATH/s1", (await NextAsync(1))[0].Kind);
        }
    }

    [Fact]
    public async Task A_node_with_a_primary_host_is_born_when_that_is_online_dies_with_it_and_comes_back_with_it()
    {
        using var node = await StartAsync(primaryHost: Host);
        _events.Report(Verdict("top", 1, Judged.Ok));
        await AnnounceAsync(online: true, at: 1000);
        Assert.Equal(["NBIRTH/s1", "DBIRTH/s1/top", "DBIRTH/s1/side", "DDATA/s1/top"], [.. (await NextAsync(4)).Select(m => m.Kind)]);

        // An offline that is older than that online is ignored.
        await AnnounceAsync(online: false, at: 900);
        await AnnounceAsync(online: false, at: 2000);
        var death = (await NextAsync(1))[0];
        Assert.Equal(("NDEATH/s1", 0), (death.Kind, (int)Metric(death, "bdSeq")["value"]!));
        _events.Report(Verdict("top", 2, Judged.Ok));
        await AnnounceAsync(online: true, at: 3000);
        var again = await NextAsync(4);

        Assert.Equal(["NBIRTH/s1", "DBIRTH/s1/top", "DBIRTH/s1/side", "DDATA/s1/top"], [.. again.Select(m => m.Kind)]);
        Assert.Equal(1, (int)Metric(again[0], "bdSeq")["value"]!);
        _events.End();
    }

    private async Task<SparkplugNode> StartAsync(string? primaryHost = null, VerdictEvents? events = null)
    {
        var options = new MqttOptions { Port = _proxy.Port, ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) };
        var node = new SparkplugNode(
            new SparkplugIdentity(new SparkplugTopics("plant", "s1"), primaryHost, ["top", "side"], "0.1.0"), new DeathCounter(_folder.File("bdseq")),
            will => new MqttNetLink(options, will, TimeProvider.System, NullLogger.Instance), events ?? _events, new StationHealth(TimeProvider.System), _meter, TimeProvider.System,
            NullLogger<SparkplugNode>.Instance);
        await node.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    private async Task AskForBirthAsync()
    {
        var ask = new JsonArray(new JsonObject { ["timestamp"] = 1, ["metrics"] = new JsonArray(new JsonObject { ["name"] = "Node Control/Rebirth", ["type"] = "Boolean", ["value"] = true }) });
        var encoded = JsonSerializer.Deserialize<string[]>(await NodeScript.RunAsync("sparkplug.cjs", ask.ToJsonString(), "encode"))!;
        await _host.PublishAsync(new MqttMessage("spBv1.0/plant/NCMD/s1", Convert.FromBase64String(encoded[0])));
    }

    private Task AnnounceAsync(bool online, long at)
    {
        var state = new JsonObject { ["online"] = online, ["timestamp"] = at }.ToJsonString();
        return _host.PublishAsync(new MqttMessage(SparkplugTopics.State(Host), System.Text.Encoding.UTF8.GetBytes(state)) { Retain = true });
    }

    private async Task<IReadOnlyList<Received>> NextAsync(int count)
    {
        var messages = new List<MqttMessage>();
        while (messages.Count < count)
            messages.Add(await _host.NextAsync());
        // The malformed payload was sent by the test itself.
        var payloads = messages.Select(m => m.Topic.Contains("/NCMD/", StringComparison.Ordinal) ? "" : Convert.ToBase64String(m.Payload.Span));
        var decoded = JsonNode.Parse(await NodeScript.RunAsync("sparkplug.cjs", JsonSerializer.Serialize(payloads), "decode"))!.AsArray();
        return [.. messages.Zip(decoded, (m, p) => new Received(m.Topic["spBv1.0/plant/".Length..], m, p!))];
    }

    private static JsonNode Metric(Received received, string name) => received.Payload["metrics"]!.AsArray().Single(m => (string?)m!["name"] == name)!;

    private static IEnumerable<string?> Names(Received received) => received.Payload["metrics"]!.AsArray().Select(m => (string?)m!["name"]);

    private static VerdictMessage Verdict(string camera, long seq, Judged verdict) => new()
    {
        Id = Guid.CreateVersion7(),
        Seq = seq,
        Station = "s1",
        Camera = camera,
        Trigger = new VerdictTrigger { Id = $"part-{seq}", Source = "mqtt", At = TimeProvider.System.GetUtcNow() },
        Serial = camera == "top" ? $"SN-{seq}" : null,
        Verdict = verdict,
        Score = verdict == Judged.Invalid ? null : 31.25f,
        TimingsMs = new VerdictTimings { Total = 1 },
    };

    private sealed record Received(string Kind, MqttMessage Message, JsonNode Payload);
}
