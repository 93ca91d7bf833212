using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>The page of all stations of a plant, which one station receives from the broker for the connected browsers.</summary>
public sealed class PlantTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Name = "plant", Password = "a password of the plant", Token = "a token of the station";

    // Client id of the connection that receives the other stations' messages.
    private const string Client = "mrfad-site-line-s1-plant";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new HttpClientHandler { UseCookies = false });

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_browser_sees_all_stations_without_the_brokers_password_and_needs_no_reload_when_the_broker_or_the_station_was_away()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        WriteParts();
        await using var broker = await MosquittoBroker.StartNewAsync(new Dictionary<string, string> { [Name] = Password });
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = Name, PasswordFile = _folder.File("password") });
        peer.Link.Start();
        await peer.ConnectionAsync();
        var port = FreePort.Next();
        await using var other = Run(broker, "s2");
        var agent = Run(broker, "s1", port: port);
        try
        {
            var stranger = new StationMessages(new StationTopics("site", "line", "s0"), "0.1.0");
            await peer.PublishAsync(stranger.Offline("the lamp is being changed", DateTimeOffset.UnixEpoch));
            await peer.PublishAsync(new StationMessages(new StationTopics("site", "line", "s9"), "0.1.0").Online(DateTimeOffset.UnixEpoch));
            await peer.PublishAsync(Bank("s9"));
            // Messages of others, or malformed ones, do not stop the page.
            await peer.PublishAsync(new MqttMessage("mrfad/v1/site/line/s0/state", "{"u8.ToArray()) { Retain = true });
            var url = new Uri(await agent.ListeningAsync(), "plant");
            await other.ListeningAsync();
            Assert.DoesNotContain(Client, broker.Log, StringComparison.Ordinal);

            var pictures = Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path;
            var seen = JsonNode.Parse(await NodeScript.ConverseAsync("plant.cjs", CarryOutAsync, $"{url}", pictures, Password))!;

            Assert.Equal("[]", seen["errors"]!.ToJsonString());
            Assert.Equal("[]", seen["faults"]!.ToJsonString());
            Assert.Equal("[]", seen["elsewhere"]!.ToJsonString());
            Assert.Equal("[]", seen["secrets"]!.ToJsonString());
            Assert.Equal("""["s0","s1","s2","s9"]""", seen["order"]!.ToJsonString());
            AssertSeen("absent", "offline", "the lamp is being changed");
            AssertSeen("updating", "bottle version 7", "bottle version 8 is on its way: transferring, 25 %");
            AssertSeen("judged", "online", "Running", "NG", "#1 ", "parts version 1");
            Assert.Equal(1, (int)seen["dots"]!);
            AssertSeen("missed", "1 message not shown, the last on mrfad/v1/site/line/s0/state: it is no JSON object.");
            AssertSeen("old", "OK", "#2 ", "of #1, NG");
            AssertSeen("late", "OK", "#2 ", "of #1, NG", "Running", "parts version 1");
            AssertSeen("lateAbsent", "offline", "the lamp is being changed");
            AssertSeen("tiles", "3 of 4stations online");
            AssertSeen("lost", $"No connection to the broker 127.0.0.1:{broker.Port}: ", "(since ");
            AssertSeen("back", "broker connected");
            AssertSeen("away", "The station does not answer (since ");

            // When the last page is closed, the subscriptions end too. The station's own session received nothing from the others.
            await broker.LoggedAsync($"Client {Client} disconnected");
            Assert.DoesNotContain(broker.Log.Split('\n'), line => line.Contains("Sending PUBLISH to mrfad-site-line-s1 (", StringComparison.Ordinal) && !line.Contains("/s1/", StringComparison.Ordinal));

            void AssertSeen(string what, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, (string?)seen[what], StringComparison.Ordinal));
        }
        finally
        {
            await agent.DisposeAsync();
        }

        async Task CarryOutAsync(string what)
        {
            switch (what)
            {
                case "trigger":
                    await peer.PublishAsync(new MqttMessage("mrfad/v1/site/line/s2/cmd/trigger", ReadOnlyMemory<byte>.Empty));
                    break;
                case "kill the other station":
                    await other.SignalAsync("KILL");
                    break;
                case "kill the broker":
                    await broker.KillAsync();
                    break;
                case "start the broker":
                    await broker.StartAsync();
                    break;
                case "kill this station":
                    await agent.SignalAsync("KILL");
                    await agent.ExitAsync();
                    break;
                case "start this station":
                    await agent.DisposeAsync();
                    agent = Run(broker, "s1", port: port);
                    await agent.ListeningAsync();
                    break;
                default:
                    // While a page is open, the plant's topics are subscribed to.
                    Assert.True(LastIndexOf("New client connected from 127.0.0.1:", $" as {Client} ") > LastIndexOf($"Client {Client} ", "disconnected"));
                    break;
            }
        }

        int LastIndexOf(params string[] parts) => broker.Log.Split('\n').ToList().FindLastIndex(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_plant_is_subscribed_to_while_a_page_is_open_and_a_page_that_is_open_does_not_hold_up_the_end()
    {
        WriteParts();
        await using var broker = await MosquittoBroker.StartNewAsync(new Dictionary<string, string> { [Name] = Password });
        await using var agent = Run(broker, "s1");
        var url = new Uri(await agent.ListeningAsync(), "api/plant/events?pictures=true");

        using (var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
            await broker.LoggedAsync($"Received SUBSCRIBE from {Client}-pictures");
            await broker.LoggedAsync($"Received SUBSCRIBE from {Client}");
        }

        await broker.LoggedAsync($"Client {Client} disconnected");
        await broker.LoggedAsync($"Client {Client}-pictures disconnected");

        using var again = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        await using var events = await again.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var lines = new StreamReader(events);
        Assert.Equal("event: link", await lines.ReadLineAsync());
        await agent.SignalAsync("TERM");
        Assert.Equal(0, await agent.ExitAsync().WaitAsync(TestTimeout.Value));
        while (await lines.ReadLineAsync() is not null)
        {
        }
    }

    [Fact]
    public async Task A_closed_station_shows_the_plant_to_who_has_its_token_alone()
    {
        WriteParts();
        await File.WriteAllTextAsync(_folder.File("token"), Token);
        await using var broker = await MosquittoBroker.StartNewAsync(new Dictionary<string, string> { [Name] = Password });
        await using var agent = Run(broker, "s1", closed: true);
        var url = await agent.ListeningAsync();

        foreach (var path in (string[])["api/plant/events", "api/plant/pictures/1"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri(url, path))).StatusCode);
        Assert.DoesNotContain(Client, broker.Log, StringComparison.Ordinal);

        using var session = await _http.PostAsJsonAsync(new Uri(url, "api/sign-in"), new { token = Token });
        var cookie = session.Headers.GetValues("Set-Cookie").Single();
        _http.DefaultRequestHeaders.Add("Cookie", cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri(url, "api/plant/pictures/1"))).StatusCode);
        using var answer = await _http.GetAsync(new Uri(url, "api/plant/events"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private void WriteParts()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("parts/0.png"), seed: 51, defective: true);
        LearnedStation.WritePart(_folder.File("parts/1.png"), seed: 52);
        File.WriteAllText(_folder.File("password"), Password);
    }

    private AgentProcess Run(MosquittoBroker broker, string name, int port = 0, bool closed = false) => AgentProcess.Start(
        ["run", "--config", station.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts", "heatmap": { "publish": "ng" }, "frame": { "publish": "ng" } }]""")],
        new Dictionary<string, string>
        {
            ["MRFAD__STATION"] = name,
            ["MRFAD__STATE_FOLDER"] = _folder.File($"state-{name}"),
            ["MRFAD__HTTP__PORT"] = $"{port}",
            ["MRFAD__MQTT__USERNAME"] = Name,
            ["MRFAD__MQTT__PASSWORD_FILE"] = _folder.File("password"),
            ["MRFAD__DASHBOARD__PLANT"] = "true",
            ["MRFAD__DASHBOARD__CLOSED"] = closed ? "true" : "false",
            ["MRFAD__DASHBOARD__TOKEN_FILE"] = closed ? _folder.File("token") : _folder.File("password"),
        });

    private static MqttMessage Bank(string station)
    {
        var sha256 = new string('a', 64);
        var now = new BankVersion { Id = "bottle", Version = 7, Sha256 = sha256 };
        var message = new BankMessage
        {
            Station = station,
            Cameras = ["camera1"],
            Current = now,
            Update = new BankUpdate { Bank = now with { Version = 8 }, Phase = UpdatePhase.Transferring, Progress = 0.25 },
            At = DateTimeOffset.UnixEpoch,
        };
        return new MqttMessage($"mrfad/v1/site/line/{station}/bank", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.BankMessage)) { Retain = true };
    }
}
