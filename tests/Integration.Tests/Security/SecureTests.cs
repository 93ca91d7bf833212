using System.Text.Json.Nodes;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Security;

/// <summary><c>mrfad secure</c>, and a real station at a real mosquitto with what it wrote.</summary>
public sealed class SecureTests(LearnedStation learned) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Root = "mrfad/v1/site/line/s1";

    private const string Cameras = """[{ "name": "top", "source": "folder:parts", "loop": true }, { "name": "web", "source": "http:", "trigger": "http" }]""";

    private static readonly string[] Made =
    [
        "dashboard-token", "http-token", "office.key", "office.pub", "ca.pem", "broker.crt", "broker.key", "mqtt-password", "line-password", "dashboard-password", "office-password",
        "mosquitto.passwd", "mosquitto.acl", "mosquitto.conf", "settings.json",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Next();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_station_works_at_a_broker_with_the_files_and_a_client_without_a_name_can_do_nothing()
    {
        var config = Configure();
        await SecureAsync(config);
        await using var broker = await MosquittoBroker.StartWithAsync(await File.ReadAllTextAsync(Secure("mosquitto.conf"), TestContext.Current.CancellationToken));
        await using var office = await ConnectedAsync("office", $"{Root}/#");
        await using var line = await ConnectedAsync("line");
        await using var agent = AgentProcess.Start(["run", "--config", config, "--device", Secure("settings.json")]);
        await office.UntilAsync(m => m.Topic == $"{Root}/state" && (string?)JsonNode.Parse(m.Payload.Span)!["state"] == "Ready");

        await line.PublishAsync($"{Root}/cmd/trigger", """{"camera":"top"}""");
        Assert.Equal("OK", (string?)JsonNode.Parse((await office.UntilAsync(m => m.Topic == $"{Root}/top/verdict")).Payload.Span)!["verdict"]);

        await using var nameless = At(null);
        nameless.Link.Start();
        Assert.Contains("not authorized", await nameless.LossAsync(), StringComparison.OrdinalIgnoreCase);
        foreach (var topic in (string[])["cmd/threshold", "top/verdict", "update/offer"])
            Assert.Equal(MqttFailure.Denied, (await Assert.ThrowsAsync<MqttLinkException>(() => line.PublishAsync($"{Root}/{topic}", "{}"))).Failure);
        var url = await agent.ListeningAsync();
        using var http = new HttpClient();
        using var upload = await http.PostAsync(new Uri(url, "inspect?camera=web"), new ByteArrayContent(LearnedStation.Part(seed: 1)), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, upload.StatusCode);
        var (access, _) = await CheckAsync(config, "--device", Secure("settings.json"));
        Assert.Contains("a client without a name is refused", access, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_are_the_owners_alone_and_a_second_run_keeps_each_of_them()
    {
        var config = Configure();
        var output = await SecureAsync(config);
        var first = Made.ToDictionary(name => name, name => File.ReadAllText(Secure(name)));
        File.SetUnixFileMode(Secure("office.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var again = await SecureAsync(config);

        Assert.Equal(Made.Order(), Directory.GetFiles(_folder.File("secure")).Select(Path.GetFileName).Order());
        Assert.All(Made, name => Assert.Equal(first[name], File.ReadAllText(Secure(name))));
        Assert.All(Made, name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Secure(name))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("secure")));
        Assert.All(Made, name => Assert.Contains($"written  {Secure(name)}: ", output, StringComparison.Ordinal));
        Assert.All(Made, name => Assert.Contains($"kept  {Secure(name)}: ", again, StringComparison.Ordinal));
        Assert.All(Made.Where(name => name.EndsWith("-token", StringComparison.Ordinal) || name.EndsWith("-password", StringComparison.Ordinal)), name => Assert.DoesNotContain(first[name].Trim(), output + again, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_names_each_file()
    {
        var output = await SecureAsync(Configure(), "--dry-run");

        Assert.False(Directory.Exists(_folder.File("secure")));
        Assert.All(Made, name => Assert.Contains($"missing  {Secure(name)}: ", output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("office.pub", "office.key is there, and its public half office.pub is not")]
    [InlineData("line-password", "mosquitto.passwd is there, and line-password is not")]
    [InlineData("ca.pem", "broker.crt and broker.key without the rest")]
    public async Task Half_of_a_pair_is_an_error_and_nothing_is_written_over_the_other(string lost, string sentence)
    {
        var config = Configure();
        await SecureAsync(config);
        File.Delete(Secure(lost));
        var key = File.ReadAllText(Secure("office.key")) + File.ReadAllText(Secure("broker.key"));

        var (code, _, errors) = await AgentProcess.RunAsync("secure", "--config", config, "--out", _folder.File("secure"));

        Assert.NotEqual(0, code);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.Equal(key, File.ReadAllText(Secure("office.key")) + File.ReadAllText(Secure("broker.key")));
    }

    [Fact]
    public async Task The_check_says_what_a_client_without_a_name_may_do_at_an_open_broker_and_does_none_of_it()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Peer.ConnectedAsync(broker.Port, $"{Root}/#");
        var config = Configure(broker.Port);
        var (access, ok) = await CheckAsync(config);
        await using var agent = AgentProcess.Start(["run", "--config", config]);
        await listener.UntilAsync(m => m.Topic == $"{Root}/state" && m.Payload.Length > 0 && (string?)JsonNode.Parse(m.Payload.Span)!["state"] == "Ready");
        await listener.PublishAsync($"{Root}/cmd/trigger", """{"camera":"top"}""");

        Assert.StartsWith("WARNING: a client without a name may fire triggers; send commands", access, StringComparison.Ordinal);
        Assert.True(ok);
        Assert.Equal(1, (int?)JsonNode.Parse((await listener.UntilAsync(m => m.Topic == $"{Root}/top/verdict" && m.Payload.Length > 0)).Payload.Span)!["seq"]);
    }

    private string Configure(int? port = null)
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("parts/0.png"), seed: 1);
        return learned.Configure(_folder, port ?? _port, Cameras);
    }

    private string Secure(string name) => _folder.File($"secure/{name}");

    private async Task<string> SecureAsync(string config, params string[] more)
    {
        var (code, output, errors) = await AgentProcess.RunAsync(["secure", "--config", config, "--out", _folder.File("secure"), "--broker-folder", _folder.File("secure"), "--port", $"{_port}", .. more]);
        Assert.True(code == 0, output + errors);
        return output;
    }

    private static async Task<(string Access, bool Ok)> CheckAsync(string config, params string[] more)
    {
        var (_, output, errors) = await AgentProcess.RunAsync(["check", "--config", config, "--json", .. more]);
        var check = JsonNode.Parse(output)!["checks"]!.AsArray().SingleOrDefault(c => (string?)c!["name"] == "broker access");
        Assert.True(check is not null, output + errors);
        return ((string)check["detail"]!, (bool)check["ok"]!);
    }

    private Peer At(string? user) => Peer.At(_port, options: o => o with
    {
        Username = user,
        PasswordFile = user is null ? null : Secure($"{user}-password"),
        Tls = new TlsOptions { Enabled = true, CaFile = Secure("ca.pem") },
    });

    private async Task<Peer> ConnectedAsync(string user, string? listenTo = null)
    {
        var peer = At(user);
        if (listenTo is not null)
            peer.Listen(listenTo);
        peer.Link.Start();
        await peer.ConnectionAsync();
        return peer;
    }
}
