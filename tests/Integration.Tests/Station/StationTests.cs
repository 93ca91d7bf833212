using System.Net;
using System.Net.Sockets;
using MrfAd.Cli.Evaluation;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The real <c>mrfad run</c> with a real bank and a real mosquitto.</summary>
public sealed class StationTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    private string Parts => _folder.File("parts");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Parts);
        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_trigger_brings_one_verdict_in_order_and_each_judged_image_its_heatmap()
    {
        for (var i = 0; i < 6; i++)
            LearnedStation.WritePart(Path.Combine(Parts, $"{i}.png"), seed: 100 + i, defective: i % 2 == 1);
        await File.WriteAllTextAsync(Path.Combine(Parts, "6.png"), "not a picture");
        TestPart.Write(Path.Combine(Parts, "7.png"), 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "queue_length": 20, "frame": { "publish": "ng", "format": "jpeg" } }]""");
        await _listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 9; i++)
            await _listener.TriggerAsync($$"""{"id":"part-{{i}}"}""");
        await _listener.ReceivedAsync(9, Listener.IsVerdict);
        await _listener.ReceivedAsync(6, Listener.IsHeatmap);
        await _listener.ReceivedAsync(4, Listener.IsFrame);

        var verdicts = _listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).ToList();
        Assert.Equal(Enumerable.Range(1, 9), verdicts.Select(v => (int)v.Seq));
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"part-{i}"), verdicts.Select(v => v.Trigger.Id));
        Assert.Equal(
            [Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Invalid, Verdict.Invalid, Verdict.Invalid],
            verdicts.Select(v => v.Verdict));
        Assert.Equal(9, verdicts.Select(v => v.Id).Distinct().Count());
        Assert.All(verdicts, v => Assert.False(v.Historical));
        Assert.Contains("6.png", verdicts[6].Reason, StringComparison.Ordinal);
        Assert.Contains("96x64", verdicts[7].Reason, StringComparison.Ordinal);
        Assert.Contains("has no more frames", verdicts[8].Reason, StringComparison.Ordinal);
        var spot = verdicts[1].Regions[0];
        Assert.True(spot.XPx <= 30 && spot.XPx + spot.WidthPx >= 50 && spot.YPx <= 20 && spot.YPx + spot.HeightPx >= 40, $"{spot}");

        // A heatmap follows its verdict, carries its id and is a picture of the frame's size.
        var heatmaps = _listener.All.Where(Listener.IsHeatmap).ToList();
        Assert.Equal(verdicts.Take(6).Select(v => v.Id.ToString()), heatmaps.Select(h => h.UserProperties.Single(p => p.Key == "id").Value));
        var order = _listener.All.ToList();
        Assert.All(heatmaps.Zip(_listener.All.Where(Listener.IsVerdict)), pair => Assert.True(order.IndexOf(pair.Second) < order.IndexOf(pair.First)));
        foreach (var heatmap in heatmaps)
        {
            Assert.Equal("image/png", heatmap.ContentType);
            using var picture = ImageCodec.Decode(heatmap.Payload.Span, "heatmap");
            Assert.Equal((LearnedStation.Width, LearnedStation.Height), (picture.Width, picture.Height));
        }

        Assert.Equal("image/jpeg", _listener.All.First(Listener.IsFrame).ContentType);
        Assert.Equal(9, _listener.All.Count(m => Listener.IsReply(m) && Listener.Reply(m).Accepted && m.CorrelationData.Length > 0));
        _listener.AssertSchemas();
    }

    [Fact]
    public async Task More_triggers_than_the_queue_holds_are_refused_and_still_end_as_one_verdict_each()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true, "queue_length": 1 }]""");
        await _listener.StateAsync(StationState.Ready);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _listener.TriggerAsync()));
        var verdicts = await _listener.VerdictsAsync(100);

        Assert.Equal(Enumerable.Range(1, 100), verdicts.Select(v => (int)v.Seq));
        var refused = verdicts.Where(v => v.Verdict == Verdict.Invalid).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, v => Assert.Equal("the queue is full: 1 wait for inspection", v.Reason));
        Assert.Contains(verdicts, v => v.Verdict == Verdict.Ok);
        await _listener.ReceivedAsync(100, Listener.IsReply);
        Assert.Equal(refused.Count, _listener.All.Count(m => Listener.IsReply(m) && Listener.Reply(m).Error?.Code == CommandErrorCode.Busy));
    }

    [Theory]
    [InlineData("{", "trigger", CommandErrorCode.BadRequest)]
    [InlineData("""{"camera":"bottom"}""", "trigger", CommandErrorCode.UnknownCamera)]
    [InlineData("", "dance", CommandErrorCode.UnknownCommand)]
    public async Task A_command_that_makes_no_sense_is_answered_with_its_kind_of_error(string payload, string command, CommandErrorCode code)
    {
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await _listener.StateAsync(StationState.Ready);

        await _listener.TriggerAsync(payload, command);

        var reply = Listener.Reply(await _listener.UntilAsync(Listener.IsReply));
        Assert.Equal((false, code), (reply.Accepted, reply.Error!.Code));
    }

    [Fact]
    public async Task The_broker_says_offline_when_the_agent_is_killed()
    {
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await _listener.StatusAsync(Presence.Online);

        await agent.SignalAsync("KILL");

        var status = await _listener.StatusAsync(Presence.Offline);
        Assert.Equal("the connection was lost", status.Reason);
        Assert.Null(status.At);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_stop_answers_every_trigger_then_says_offline_and_returns_zero(string signal)
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true, "queue_length": 50 }]""");
        await _listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 50; i++)
            await _listener.TriggerAsync();
        await _listener.ReceivedAsync(50, Listener.IsReply);
        await agent.SignalAsync(signal);

        var status = await _listener.StatusAsync(Presence.Offline);
        Assert.Equal("stopped", status.Reason);
        Assert.Equal(0, await agent.ExitAsync());
        var verdicts = _listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).ToList();
        Assert.Equal(Enumerable.Range(1, 50), verdicts.Select(v => (int)v.Seq));
        Assert.All(verdicts, v => Assert.True(v.Verdict == Verdict.Ok || v.Reason == "the station is stopping", v.Reason));
        _listener.AssertSchemas();
    }

    [Fact]
    public async Task Who_comes_late_sees_status_and_state_and_http_tells_the_same()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await _listener.StateAsync(StationState.Ready);
        await _listener.TriggerAsync();
        await _listener.StateAsync(StationState.Running);
        await _listener.ReceivedAsync(1, Listener.IsVerdict);

        await using var late = await Listener.ConnectedAsync(_broker.Port);
        await late.ReceivedAsync(1, m => m.Topic.EndsWith("/status", StringComparison.Ordinal));
        await late.ReceivedAsync(1, m => m.Topic.EndsWith("/state", StringComparison.Ordinal));
        Assert.Equal(Presence.Online, Listener.Status(late.All.Single(m => m.Topic.EndsWith("/status", StringComparison.Ordinal))).Status);
        Assert.Equal(StationState.Running, Listener.State(late.All.Single(m => m.Topic.EndsWith("/state", StringComparison.Ordinal))).State);
        Assert.All(late.All, m => Assert.True(m.Retain));

        var url = await agent.ListeningAsync();
        var health = await _http.GetAsync(new Uri(url, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Empty(JsonSchemaValidator.ForMessage("state").Errors(await health.Content.ReadAsStringAsync()));
        var metrics = await _http.GetStringAsync(new Uri(url, "/metrics"));
        Assert.Contains("mrfad_inspections_total{camera=\"top\",verdict=\"OK\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mrfad_mqtt_connected 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verdicts_given_while_the_broker_is_away_arrive_in_order_and_are_called_historical()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        // The listener reconnects long before the agent does, so that it misses nothing.
        await using var agent = Run(
            """[{ "name": "top", "source": "folder:parts", "loop": true, "trigger": "interval", "interval": "50ms", "queue_length": 50 }]""",
            new Dictionary<string, string> { ["MRFAD__MQTT__RECONNECT_DELAY"] = "5s", ["MRFAD__MQTT__RECONNECT_DELAY_MAX"] = "5s" });
        var url = await agent.ListeningAsync();
        await _listener.VerdictsAsync(1);

        await _broker.KillAsync();
        var away = await CountAsync(url);
        while (await CountAsync(url) < away + 5)
            await Task.Yield();
        var health = await _http.GetAsync(new Uri(url, "/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains($"127.0.0.1:{_broker.Port}", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await _broker.StartAsync();
        var verdicts = new List<VerdictMessage>();
        // Some verdicts may have come before the broker was killed; then come those of the outage (historical), then the first current one.
        while (!verdicts.Exists(v => v.Historical) || verdicts[^1].Historical)
            verdicts.AddRange(await _listener.VerdictsAsync(1));

        // Messages in flight when the broker was killed arrive twice.
        var received = _listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).DistinctBy(v => v.Id).ToList();
        Assert.InRange(received.Count(v => v.Historical), 5, int.MaxValue);
        Assert.Equal(Enumerable.Range((int)received[0].Seq, received.Count), received.Select(v => (int)v.Seq));
    }

    [Fact]
    public async Task A_watched_folder_gives_a_verdict_for_each_new_file()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "old.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts?watch=true", "trigger": "free_run" }]""");
        await _listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 3; i++)
            LearnedStation.WritePart(Path.Combine(Parts, $"{i}.png"), seed: i);

        var verdicts = await _listener.VerdictsAsync(3);
        Assert.Equal(["0.png", "1.png", "2.png"], verdicts.Select(v => v.Frame!.Source).Order());
        Assert.All(verdicts, v => Assert.Equal("free_run", v.Trigger.Source));
    }

    [Fact]
    public async Task Two_cameras_are_triggered_together_and_count_for_themselves()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "left", "source": "folder:parts" }, { "name": "right", "source": "folder:parts" }]""");
        await _listener.StateAsync(StationState.Ready);

        await _listener.TriggerAsync("""{"id":"one"}""");
        var verdicts = await _listener.VerdictsAsync(2);

        Assert.Equal([("left", 1L, "one"), ("right", 1L, "one")], verdicts.Select(v => (v.Camera, v.Seq, v.Trigger.Id)).Order());
    }

    [Fact]
    public async Task A_camera_that_is_absent_degrades_the_station_and_times_out()
    {
        await using var agent = Run("""[{ "name": "top", "source": "v4l2:99", "deadline": "100ms" }]""");
        await _listener.StateAsync(StationState.Degraded);

        await _listener.TriggerAsync();

        var verdict = Assert.Single(await _listener.VerdictsAsync(1));
        Assert.Equal(Verdict.Timeout, verdict.Verdict);
        Assert.StartsWith("no frame within 0.1 s: v4l2:/dev/video99 cannot be opened", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_bank_ends_the_agent_with_one_and_the_reason_in_log_state_and_status()
    {
        var damaged = _folder.File("damaged.mrfbank");
        var bytes = await File.ReadAllBytesAsync(station.Bank);
        await File.WriteAllBytesAsync(damaged, bytes[..(bytes.Length / 2)]);
        await using var agent = AgentProcess.Start(["run", "--config", station.Configure(_folder, _broker.Port, """[{ "source": "folder:parts" }]""", damaged)]);

        await _listener.StateAsync(StationState.Error);
        Assert.Contains("damaged.mrfbank", (await _listener.StatusAsync(Presence.Offline)).Reason, StringComparison.Ordinal);
        Assert.Equal(1, await agent.ExitAsync());
        Assert.Contains("InspectionWorker is dead and ends the station", agent.Log, StringComparison.Ordinal);
        Assert.Contains("damaged.mrfbank", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_ends_the_agent_with_two()
    {
        var config = _folder.File("station.json");
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

    [Fact]
    public async Task Check_passes_where_run_would_and_names_what_is_missing()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        var config = station.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts" }]""");

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");
        Assert.True(code == 0, output + errors);
        Assert.Contains("0.png: 96x64 RGB 8 bit", output, StringComparison.Ordinal);

        await _broker.StopAsync();
        File.Delete(Path.Combine(Parts, "0.png"));
        (code, output, _) = await AgentProcess.RunAsync("check", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains("Connection refused", output, StringComparison.Ordinal);
        Assert.Contains("has no frames", output, StringComparison.Ordinal);

        Directory.Delete(Parts);
        Assert.Equal(2, (await AgentProcess.RunAsync("check", "--config", config)).ExitCode);
    }

    [Fact]
    public async Task Check_tells_why_a_camera_cannot_be_opened_without_its_password()
    {
        GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        var config = station.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "rtsp://line:secret@127.0.0.1:1/1" }]""");

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");

        Assert.Equal(1, code);
        Assert.Contains("rtsp://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_does_not_work_here_is_told_in_the_log_the_state_and_a_metric_and_the_CPU_judges()
    {
        Assert.SkipWhen(NvidiaDevice.Read().Driver != "none", "there is an NVIDIA driver here");
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 100);
        await using var agent = Run(
            """[{ "name": "top", "source": "folder:parts" }]""", new Dictionary<string, string> { ["MRFAD__DETECTOR__PROVIDER"] = "cuda" });
        var url = await agent.ListeningAsync();
        await _listener.StateAsync(StationState.Degraded);
        await _listener.TriggerAsync("{}");
        Assert.Equal(Verdict.Ok, (await _listener.VerdictsAsync(1))[0].Verdict);

        Assert.Contains("cuda was asked for, cpu runs 2 of 2 graphs: cuda: ", agent.Log, StringComparison.Ordinal);
        var metrics = await _http.GetStringAsync(new Uri(url, "/metrics"));
        Assert.Contains("""mrfad_graph_info{graph="tiny",wanted="cuda",provider="cpu"} 1""", metrics, StringComparison.Ordinal);
        var elsewhere = metrics.Split('\n').First(line => line.StartsWith("""mrfad_graph_fallback_nodes{graph="tiny"}""", StringComparison.Ordinal));
        Assert.NotEqual("0", elsewhere.Split(' ')[1]);
    }

    private AgentProcess Run(string cameras, IReadOnlyDictionary<string, string>? environment = null) =>
        AgentProcess.Start(["run", "--config", station.Configure(_folder, _broker.Port, cameras)], environment);

    /// <summary>Returns the number of verdicts so far.</summary>
    private async Task<int> CountAsync(Uri url) => (await _http.GetStringAsync(new Uri(url, "/metrics")))
        .Split('\n')
        .Where(line => line.StartsWith("mrfad_inspections_total{", StringComparison.Ordinal))
        .Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
