using System.Text.Json.Nodes;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>The access list that the guide gives for a mosquitto, with a real station.</summary>
public sealed class AccessListTests(LearnedStation learned) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private const string Root = "mrfad/v1/plant/line1/press";

    private const string Forged = """{"verdict":"OK"}""";

    // As the guide says: a section like the first for each further station.
    private const string SecondStation = """

        user drill
        topic readwrite mrfad/v1/plant/line1/drill/#
        topic write mrfad/replies/#
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];
    private MosquittoBroker _broker = null!;
    private Peer _office = null!;

    public async ValueTask InitializeAsync()
    {
        var rules = MarkdownPage.Get("docs/mqtt.md").Blocks.Single(block => block.Language == "ini").Text;
        _broker = await MosquittoBroker.StartNewAsync(((string[])["press", "line", "dashboard", "office", "drill"]).ToDictionary(name => name), rules + SecondStation);
        _office = await ConnectAsync("office", $"{Root}/#");
        _running.Add(AgentProcess.Start(["run", "--config", Configuration()]));
        await _office.UntilAsync(m => m.Topic == $"{Root}/state" && (string?)JsonNode.Parse(m.Payload.Span)!["state"] == "Ready");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running))
            await running.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_line_triggers_and_reads_its_verdict_and_so_does_a_dashboard()
    {
        var (line, dashboard) = (await ConnectAsync("line", $"{Root}/#"), await ConnectAsync("dashboard", $"{Root}/+/verdict"));

        await line.PublishAsync($"{Root}/cmd/trigger", """{"id":"part-1"}""");

        foreach (var reader in (Peer[])[line, dashboard, _office])
            Assert.Equal("OK", (string?)JsonNode.Parse((await reader.UntilAsync(m => m.Topic == $"{Root}/top/verdict")).Payload.Span)!["verdict"]);
    }

    [Fact]
    public async Task The_office_commands_and_is_answered()
    {
        var engineer = await ConnectAsync("office", "mrfad/replies/office/#");

        await engineer.PublishAsync(new MqttMessage($"{Root}/cmd/selftest", default) { ResponseTopic = "mrfad/replies/office/1" });

        Assert.Equal("selftest", (string?)JsonNode.Parse((await engineer.NextAsync()).Payload.Span)!["command"]);
    }

    [Theory]
    [InlineData("line", "cmd/threshold", "cmd/teach", "cmd/rollback", "cmd/fetch", "update/offer", "top/verdict", "status", "state")]
    [InlineData("dashboard", "cmd/trigger", "cmd/threshold", "cmd/rollback", "update/offer", "top/verdict", "status")]
    [InlineData("drill", "cmd/trigger", "cmd/threshold", "cmd/rollback", "update/offer", "top/verdict", "top/heatmap", "status", "state", "bank")]
    public async Task Others_publish_nothing_that_is_not_theirs(string user, params string[] topics)
    {
        var client = await ConnectAsync(user);

        foreach (var topic in topics)
        {
            var refusal = await Assert.ThrowsAsync<MqttLinkException>(() => client.PublishAsync($"{Root}/{topic}", Forged));
            Assert.Equal(MqttFailure.Denied, refusal.Failure);
        }

        // Nothing of it came through: the next thing on the station's topics is what the office sends itself.
        await _office.PublishAsync($"{Root}/cmd/marker", "");
        var next = await _office.UntilAsync(m => m.Topic == $"{Root}/cmd/marker" || MessageText.AsText(m) == Forged);
        Assert.Equal($"{Root}/cmd/marker", next.Topic);
    }

    [Fact]
    public async Task Another_station_reads_nothing_of_this_one()
    {
        var drill = await ConnectAsync("drill", "mrfad/v1/#");

        await _office.PublishAsync($"{Root}/cmd/trigger", "");
        await _office.UntilAsync(m => m.Topic == $"{Root}/top/verdict");
        await drill.PublishAsync("mrfad/v1/plant/line1/drill/status", "mine");

        Assert.Equal("mrfad/v1/plant/line1/drill/status", (await drill.NextAsync()).Topic);
    }

    private async Task<Peer> ConnectAsync(string user, string? listenTo = null)
    {
        var password = _folder.File($"password-{user}");
        await File.WriteAllTextAsync(password, user);
        var peer = Peer.At(_broker.Port, options: o => o with { Username = user, PasswordFile = password });
        _running.Add(peer);
        if (listenTo is not null)
            peer.Listen(listenTo);
        peer.Link.Start();
        await peer.ConnectionAsync();
        return peer;
    }

    private string Configuration()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("parts/0.png"), seed: 1);
        File.WriteAllText(_folder.File("mqtt-password"), "press");
        var path = learned.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true }]""");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        (config["site"], config["line"], config["station"]) = ("plant", "line1", "press");
        (config["mqtt"]!["username"], config["mqtt"]!["password_file"]) = ("press", "mqtt-password");
        File.WriteAllText(path, config.ToJsonString());
        return path;
    }
}
