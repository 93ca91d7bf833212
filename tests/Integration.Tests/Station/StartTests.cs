using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>Errors at the start of the real <c>mrfad run</c>, and <c>mrfad check</c>, which finds them before.</summary>
public sealed class StartTests(LearnedStation learned) : StationTestBase(learned)
{
    [Fact]
    public async Task A_damaged_bank_ends_the_agent_with_one_and_the_reason_in_log_state_and_status()
    {
        var damaged = Folder.File("damaged.mrfbank");
        var bytes = await File.ReadAllBytesAsync(Learned.Bank);
        await File.WriteAllBytesAsync(damaged, bytes[..(bytes.Length / 2)]);
        await using var agent = AgentProcess.Start(["run", "--config", Learned.Configure(Folder, Broker.Port, """[{ "source": "folder:parts" }]""", damaged)]);

        await Listener.StateAsync(StationState.Error);
        Assert.Contains("damaged.mrfbank", (await Listener.StatusAsync(Presence.Offline)).Reason, StringComparison.Ordinal);
        Assert.Equal(1, await agent.ExitAsync());
        Assert.Contains("InspectionWorker is dead and ends the station", agent.Log, StringComparison.Ordinal);
        Assert.Contains("damaged.mrfbank", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_ends_the_agent_with_two()
    {
        var config = Folder.File("station.json");
        await File.WriteAllTextAsync(config, """{ "mqtt": { "hots": "x" }, "cameras": [] }""");

        var (code, _, errors) = await AgentProcess.RunAsync("run", "--config", config);

        Assert.Equal(2, code);
        Assert.Contains("station.json: unknown key 'mqtt.hots'", errors, StringComparison.Ordinal);
        Assert.Contains("cameras: want at least one", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_agent_with_one()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var agent = Run("""[{ "source": "folder:parts" }]""", new Dictionary<string, string> { ["MRFAD__HTTP__PORT"] = $"{port}" });

        Assert.Equal(1, await agent.ExitAsync());
        Assert.Contains("address already in use", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", agent.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP__TOKEN_FILE", "short", "tokens and keys")]
    [InlineData("DASHBOARD__TOKEN_FILE", "short", "tokens and keys")]
    [InlineData("UPDATES__TRUSTED_KEYS", """[{ "id": "x", "public_key_file": "no-key" }]""", "tokens and keys")]
    [InlineData("CONTROL__TRUSTED_KEYS", """[{ "id": "x", "public_key_file": "no-key" }]""", "tokens and keys")]
    [InlineData("STATE_FOLDER", "short", "folders")]
    [InlineData("STATE_FOLDER", "/proc/state", "folders")]
    [InlineData("EVIDENCE__FOLDER", "/proc/evidence", "folders")]
    public async Task Check_refuses_what_run_refuses(string key, string value, string check)
    {
        await File.WriteAllTextAsync(Folder.File("short"), "abc", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Folder.File("no-key"), "no key", TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { [$"MRFAD__{key}"] = value, ["MRFAD__EVIDENCE__BUDGET_MB"] = "5" };
        var config = Learned.Configure(Folder, Broker.Port, """[{ "name": "top", "source": "folder:parts" }]""");
        LearnedStation.WritePart(Folder.File("parts/0.png"), seed: 1);

        await using var checking = AgentProcess.Start(["check", "--config", config, "--json"], environment);

        Assert.Equal(1, await checking.ExitAsync());
        var failed = JsonNode.Parse(checking.Output)!["checks"]!.AsArray().Where(c => !(bool)c!["ok"]!).Select(c => (string?)c!["name"]);
        Assert.Equal([check], failed);
        Assert.False(Directory.Exists(Folder.File("state")));
    }

    [Fact]
    public async Task An_address_that_this_machine_lacks_ends_the_agent_with_one()
    {
        await using var agent = Run("""[{ "source": "folder:parts" }]""", new Dictionary<string, string> { ["MRFAD__HTTP__ADDRESS"] = "203.0.113.9" });

        Assert.Equal(1, await agent.ExitAsync());
        Assert.Contains("mrfad: http.address and http.port: this machine cannot be called there", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_does_not_work_here_is_reported_in_the_log_the_state_and_a_metric_and_the_CPU_judges()
    {
        Assert.SkipWhen(NvidiaDevice.Read().Driver != "none", "there is an NVIDIA driver here");
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 100);
        await using var agent = Run(
            """[{ "name": "top", "source": "folder:parts" }]""", new Dictionary<string, string> { ["MRFAD__DETECTOR__PROVIDER"] = "cuda" });
        var url = await agent.ListeningAsync();
        await Listener.StateAsync(StationState.Degraded);
        await Listener.TriggerAsync("{}");
        Assert.Equal(Verdict.Ok, (await Listener.VerdictsAsync(1))[0].Verdict);

        Assert.Contains("cuda was asked for, cpu runs 2 of 2 graphs: cuda: ", agent.Log, StringComparison.Ordinal);
        var metrics = await Http.GetStringAsync(new Uri(url, "/metrics"));
        Assert.Contains("""mrfad_graph_info{graph="tiny",wanted="cuda",provider="cpu"} 1""", metrics, StringComparison.Ordinal);
        var elsewhere = metrics.Split('\n').First(line => line.StartsWith("""mrfad_graph_fallback_nodes{graph="tiny"}""", StringComparison.Ordinal));
        Assert.NotEqual("0", elsewhere.Split(' ')[1]);
    }

    [Fact]
    public async Task Check_passes_where_run_would_and_names_what_is_missing()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        var config = Learned.Configure(Folder, Broker.Port, """[{ "name": "top", "source": "folder:parts" }]""");

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");
        Assert.True(code == 0, output + errors);
        Assert.Contains("0.png: 96x64 RGB 8 bit", output, StringComparison.Ordinal);

        await Broker.StopAsync();
        File.Delete(Path.Combine(Parts, "0.png"));
        (code, output, _) = await AgentProcess.RunAsync("check", "--config", config, "--json"); // a table would break its cells into lines
        Assert.Equal(1, code);
        Assert.Contains("Connection refused", output, StringComparison.Ordinal);
        Assert.Contains("has no frames", output, StringComparison.Ordinal);

        Directory.Delete(Parts);
        Assert.Equal(2, (await AgentProcess.RunAsync("check", "--config", config)).ExitCode);
    }

    [Fact]
    public async Task Check_passes_beside_the_running_station_and_not_where_another_program_has_its_port()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true }]""");
        var (station, config) = (await agent.ListeningAsync(), Folder.File("station.json"));
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var (code, output, errors) = await CheckAsync(station.Port);
        Assert.True(code == 0, output + errors);
        Assert.Contains($"127.0.0.1:{station.Port} is this station's, which is running", output, StringComparison.Ordinal);

        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var answer = AnswerOnceAsync(other);
        (code, output, _) = await CheckAsync(port);
        await answer;
        Assert.Equal(1, code);
        Assert.Contains($"127.0.0.1:{port} is taken by another program", output, StringComparison.Ordinal);

        async Task<(int, string, string)> CheckAsync(int port)
        {
            var tree = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
            tree["http"]!["port"] = port;
            await File.WriteAllTextAsync(config, tree.ToJsonString());
            return await AgentProcess.RunAsync("check", "--config", config, "--json");
        }
    }

    private static async Task AnswerOnceAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
    }

    [Fact]
    public async Task Check_reports_why_a_camera_cannot_be_opened_without_its_password()
    {
        GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        var config = Learned.Configure(Folder, Broker.Port, """[{ "name": "top", "source": "rtsp://line:secret@127.0.0.1:1/1" }]""");

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");

        Assert.Equal(1, code);
        Assert.Contains("rtsp://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output + errors, StringComparison.Ordinal);
    }
}
