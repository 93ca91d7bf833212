using System.Text.Json.Nodes;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Reporting;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>The page of all stations, which hears them from the broker over WebSockets.</summary>
public sealed class PlantTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Name = "plant", Password = "a password of the plant";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whoever_the_broker_knows_sees_all_its_stations_and_needs_no_reload_when_the_broker_was_away()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("parts/0.png"), seed: 51, defective: true);
        LearnedStation.WritePart(_folder.File("parts/1.png"), seed: 52);
        await File.WriteAllTextAsync(_folder.File("password"), Password);
        await using var broker = await MosquittoBroker.StartNewAsync(new Dictionary<string, string> { [Name] = Password }, webSockets: true);
        await using var peer = Peer.At(broker.Port, options: o => o with { Username = Name, PasswordFile = _folder.File("password") });
        peer.Link.Start();
        await peer.ConnectionAsync();
        await using var agent = AgentProcess.Start(
            ["run", "--config", station.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts", "heatmap": { "publish": "ng" }, "frame": { "publish": "ng" } }]""")],
            new Dictionary<string, string>
            {
                ["MRFAD__MQTT__USERNAME"] = Name,
                ["MRFAD__MQTT__PASSWORD_FILE"] = _folder.File("password"),
                ["MRFAD__DASHBOARD__BROKER"] = $"ws://127.0.0.1:{broker.WebSocketPort}",
            });
        var other = new StationMessages(new StationTopics("site", "line", "s0"), "0.1.0");
        await peer.PublishAsync(other.Offline("the lamp is being changed", DateTimeOffset.UnixEpoch));
        await peer.PublishAsync(new StationMessages(new StationTopics("site", "line", "s9"), "0.1.0").Online(DateTimeOffset.UnixEpoch));
        await peer.PublishAsync(Bank("s9"));
        // Not ours, or not what it should be: the page lives on.
        await peer.PublishAsync(new MqttMessage("mrfad/v1/site/line/s0/state", "{"u8.ToArray()) { Retain = true });

        var url = new Uri(await agent.ListeningAsync(), "plant");
        var pictures = Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path;
        var seen = JsonNode.Parse(await NodeScript.ConverseAsync("plant.cjs", CarryOutAsync, $"{url}", pictures, Name, Password))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.Equal("""["s0","s1","s9"]""", seen["order"]!.ToJsonString());
        AssertSeen("absent", "offline", "the lamp is being changed");
        AssertSeen("updating", "bottle version 7", "bottle version 8 is on its way: transferring, 25 %");
        AssertSeen("judged", "online", "Running", "NG", "#1 ", "parts version 1");
        Assert.Equal(1, (int)seen["dots"]!);
        AssertSeen("old", "OK", "#2 ", "of #1, NG");
        AssertSeen("tiles", "2 of 3stations online");
        AssertSeen("lost", $"The broker ws://127.0.0.1:{broker.WebSocketPort} does not answer since");
        AssertSeen("back", "broker connected");

        void AssertSeen(string what, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, (string?)seen[what], StringComparison.Ordinal));

        async Task CarryOutAsync(string what)
        {
            switch (what)
            {
                case "trigger":
                    await peer.PublishAsync(new MqttMessage("mrfad/v1/site/line/s1/cmd/trigger", ReadOnlyMemory<byte>.Empty));
                    break;
                case "kill the station":
                    await agent.SignalAsync("KILL");
                    break;
                case "kill the broker":
                    await broker.KillAsync();
                    break;
                default:
                    await broker.StartAsync();
                    break;
            }
        }
    }

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
