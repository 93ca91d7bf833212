using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The integrations of the real <c>mrfad run</c>: Home Assistant, a Sparkplug host, and a broker with a small maximum packet size.</summary>
public sealed class IntegrationsTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    // The options documented on home-assistant.io: integrations/mqtt ("MQTT discovery"), sensor.mqtt, image.mqtt, button.mqtt.
    private static readonly string[] Common = ["name", "unique_id", "availability", "device", "origin", "entity_category", "json_attributes_topic", "qos"];
    private static readonly Dictionary<string, (string[] Required, string[] Known)> Platforms = new()
    {
        ["sensor"] = (["state_topic"], ["state_topic", "value_template", "device_class", "options", "state_class", "force_update"]),
        ["image"] = (["image_topic"], ["image_topic", "content_type"]),
        ["button"] = (["command_topic"], ["command_topic", "payload_press"]),
    };

    private readonly TemporaryFolder _folder = new();
    private MosquittoBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
        _broker = await MosquittoBroker.StartNewAsync(settings: "max_packet_size 5000");
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Home_Assistant_finds_the_station_as_a_device_and_forgets_it_when_turned_off()
    {
        await using var home = await Peer.ConnectedAsync(_broker.Port, listenTo: "homeassistant/#");
        var entities = new Dictionary<string, JsonNode>();
        await using (var agent = Run("MRFAD__HOME_ASSISTANT__ENABLED"))
        {
            while (entities.Count < 6)
            {
                var message = await home.NextAsync();
                entities[message.Topic] = JsonNode.Parse(message.Payload.Span)!;
            }

            await agent.SignalAsync("TERM");
            Assert.Equal(0, await agent.ExitAsync());
        }

        Assert.Equal(["button", "image", "sensor", "sensor", "sensor", "sensor"], entities.Keys.Select(t => t.Split('/')[1]).Order());
        Assert.Single(entities.Values.Select(e => (string?)e["device"]!["identifiers"]![0]).Distinct());
        Assert.Equal(6, entities.Values.Select(e => (string?)e["unique_id"]).Distinct().Count());
        foreach (var (topic, entity) in entities)
        {
            Assert.Matches("^homeassistant/[a-z_]+/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config$", topic);
            var (required, known) = Platforms[topic.Split('/')[1]];
            Assert.Empty(required.Except(entity.AsObject().Select(p => p.Key)));
            Assert.Empty(entity.AsObject().Select(p => p.Key).Except([.. Common, .. known]));
            Assert.Equal($"{Listener.Root}/status", (string?)entity["availability"]![0]!["topic"]);
        }

        Assert.Contains(entities.Values, e => (string?)e["image_topic"] == $"{Listener.Root}/top/heatmap" && (string?)e["content_type"] == "image/png");
        Assert.Contains(entities.Values, e => (string?)e["command_topic"] == $"{Listener.Root}/cmd/trigger" && (string?)e["payload_press"] == """{"camera":"top"}""");

        await using var off = Run("MRFAD__HOME_ASSISTANT__ENABLED", "false");
        var gone = new HashSet<string>();
        while (gone.Count < 6)
        {
            var message = await home.NextAsync();
            Assert.True(message.Payload.IsEmpty, message.Topic);
            gone.Add(message.Topic);
        }

        Assert.Equal(entities.Keys.Order(), gone.Order());
    }

    [Fact]
    public async Task The_button_that_Home_Assistant_shows_brings_a_verdict_over_both_integrations_and_a_picture_that_fits_the_broker()
    {
        await using var home = await Peer.ConnectedAsync(_broker.Port, listenTo: "homeassistant/button/#");
        await using var host = await Peer.ConnectedAsync(_broker.Port, listenTo: "spBv1.0/#");
        await using var listener = await Listener.ConnectedAsync(_broker.Port);
        await using var agent = Run("MRFAD__HOME_ASSISTANT__ENABLED", "true", "MRFAD__SPARKPLUG__ENABLED");
        var button = JsonNode.Parse((await home.NextAsync()).Payload.Span)!;
        await listener.StateAsync(StationState.Ready);

        await home.PublishAsync((string)button["command_topic"]!, (string)button["payload_press"]!);

        var verdict = Assert.Single(await listener.VerdictsAsync(1));
        Assert.Equal(Verdict.Ok, verdict.Verdict);
        Assert.Equal(["NBIRTH/s1", "DBIRTH/s1/top", "DDATA/s1/top"], [.. (await NextAsync(host, 3)).Select(m => m.Topic["spBv1.0/site-line/".Length..])]);
        var frame = await listener.UntilAsync(Listener.IsFrame);
        Assert.Contains(frame.UserProperties, p => p.Key == "scale");
        Assert.InRange(frame.PacketBytes, 1000, 5000);
        listener.AssertSchemas(replies: false);

        await agent.SignalAsync("TERM");
        Assert.Equal("spBv1.0/site-line/NDEATH/s1", (await NextAsync(host, 1))[0].Topic);
        Assert.Equal(0, await agent.ExitAsync());
    }

    private static async Task<List<MqttMessage>> NextAsync(Peer peer, int count)
    {
        var messages = new List<MqttMessage>();
        while (messages.Count < count)
            messages.Add(await peer.NextAsync());
        return messages;
    }

    private AgentProcess Run(string variable, string value = "true", string? second = null)
    {
        var environment = new Dictionary<string, string> { [variable] = value };
        if (second is not null)
            environment[second] = "true";
        return AgentProcess.Start(["run", "--config", station.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true, "frame": { "publish": "always" } }]""")], environment);
    }
}
