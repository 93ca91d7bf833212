using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.BankUpdates;

/// <summary>Updates a bank of the real <c>mrfad run</c> with the real <c>mrfad bank …</c>, over a real mosquitto.</summary>
public sealed class BankUpdateTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly BankSigner _office = new();
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
        foreach (var (kind, seed) in new[] { ("good", 2), ("bad", 1) })
        {
            Directory.CreateDirectory(_folder.File($"golden/{kind}"));
            LearnedStation.WritePart(_folder.File($"golden/{kind}/0.png"), seed, defective: kind == "bad");
        }

        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _office.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_pushed_bank_judges_from_the_next_verdict_on_and_a_rollback_brings_the_old_one_back()
    {
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);
        var next = _office.Sign(TestModel.Vary(station.Bank, _office.File("next.mrfbank"), version: 2, moreBytes: 3_000_000));

        Assert.Equal(1, (await VerdictAsync()).Bank!.Version);
        var (code, output, errors) = await BankAsync("push", next);
        Assert.True(code == 0, output + errors + agent.Log);
        Assert.Contains("accepted: parts version 2: reference parts: 0 of 1 good ones NG", output, StringComparison.Ordinal);
        var verdict = await VerdictAsync();
        Assert.Equal(2, verdict.Bank!.Version);

        (code, output, errors) = await BankAsync("rollback");
        Assert.True(code == 0, output + errors);
        var status = JsonNode.Parse(output)!;
        Assert.Equal((1, 2, "rolled_back"), ((int)status["current"]!["version"]!, (int)status["previous"]!["version"]!, (string?)status["last"]!["result"]));
        Assert.Equal(1, (await VerdictAsync()).Bank!.Version);

        // After its first verdicts the bank is confirmed.
        (code, output, errors) = await BankAsync("push", next);
        Assert.Equal(1, code);
        Assert.Contains("not newer than version 2", output + errors, StringComparison.Ordinal);
        var audit = (await File.ReadAllLinesAsync(_folder.File("state/audit.jsonl"))).Select(l => (string?)JsonNode.Parse(l)!["result"]);
        Assert.Equal(["accepted", "rolled_back", "refused"], audit);
        var messages = _listener.All.Where(m => m.Topic == $"{Listener.Root}/bank").Select(m => System.Text.Encoding.UTF8.GetString(m.Payload.Span)).ToList();
        Assert.NotEmpty(messages);
        Assert.All(messages, message => Assert.Empty(JsonSchemaValidator.ForMessage("bank").Errors(message)));
    }

    [Fact]
    public async Task A_cameras_own_detector_is_updated_taught_and_taken_back_and_the_stations_stays_as_it_is()
    {
        var own = TestModel.Vary(station.Bank, _office.File("own.mrfbank"), version: 1, change: d => d["id"] = "own");
        await using var agent = Run($$"""
            [{ "name": "top", "source": "folder:parts", "loop": true },
             { "name": "side", "source": "folder:parts", "loop": true, "detector": { "bank": "{{own}}", "encoder": "{{station.Encoder}}", "threads": 1 } },
             { "name": "back", "source": "folder:parts", "loop": true, "detector": { "bank": "{{own}}", "encoder": "{{station.Encoder}}", "threads": 1 } }]
            """);
        await _listener.StateAsync(StationState.Ready);
        var next = _office.Sign(TestModel.Vary(own, _office.File("next.mrfbank"), version: 2, moreBytes: 600_000, change: d => d["calibration"]!["threshold"] = 2 * (float)d["calibration"]!["threshold"]!));
        var threshold = await ThresholdsAsync(agent);
        Assert.Equal(threshold["top"], threshold["side"]);

        var (code, output, errors) = await BankAsync("push", next, "--camera", "nobody");
        Assert.Equal(1, code);
        Assert.Contains("has no camera 'nobody': want one of back, side, top", errors, StringComparison.Ordinal);
        (code, output, errors) = await BankAsync("push", next, "--camera", "back");
        Assert.True(code == 0, output + errors + agent.Log);
        var status = await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/side/bank" && (int?)JsonNode.Parse(m.Payload.Span)!["current"]?["version"] == 2);
        Assert.Equal(["side", "back"], JsonNode.Parse(status.Payload.Span)!["cameras"]!.AsArray().Select(c => (string?)c));
        Assert.Equal([("back", "own", 2), ("side", "own", 2), ("top", "parts", 1)], await JudgedByAsync());
        // The metric shows the threshold of the bank that judges.
        Assert.Equal((threshold["top"], 2 * threshold["top"]), ((await ThresholdsAsync(agent))["top"], (await ThresholdsAsync(agent))["back"]));

        Assert.Equal(2, (int)JsonNode.Parse((await BankAsync("status", "--camera", "back")).Output)!["current"]!["version"]!);
        Assert.Equal("parts", (string?)JsonNode.Parse((await BankAsync("status")).Output)!["current"]!["id"]);
        (code, output, errors) = await BankAsync("rollback", "--camera", "side");
        Assert.True(code == 0, output + errors);
        Assert.Equal([("back", "own", 1), ("side", "own", 1), ("top", "parts", 1)], await JudgedByAsync());
        Assert.Equal(threshold["top"], (await ThresholdsAsync(agent))["back"]);
        (code, _, errors) = await BankAsync("rollback", "--camera", "nobody");
        Assert.Equal(1, code);
        Assert.Contains("want one of back, side, top, got 'nobody'", errors, StringComparison.Ordinal);

        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1, defective: true);
        await _listener.TriggerAsync("""{"camera":"side"}""", correlation: $"{Guid.NewGuid()}");
        var alarm = Listener.Verdict(await _listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m) is { Camera: "side", Verdict: Verdict.Ng }));
        var correction = await CorrectAsync("--verdict", alarm.Id);
        Assert.Equal("own", (string?)correction["bank"]!["id"]);
        await CorrectAsync("--confirm", (Guid)correction["lesson"]!);
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/side/bank" && (string?)JsonNode.Parse(m.Payload.Span)!["current"]?["key"] == "station-s1");

        var audit = (await File.ReadAllLinesAsync(_folder.File("state/audit.jsonl"))).Select(l => JsonNode.Parse(l)!);
        Assert.All(audit, line => Assert.Equal("side", (string?)line["camera"]));
        var messages = _listener.All.Where(m => m.Topic == $"{Listener.Root}/side/bank").Select(m => System.Text.Encoding.UTF8.GetString(m.Payload.Span)).ToList();
        Assert.All(messages, message => Assert.Empty(JsonSchemaValidator.ForMessage("bank").Errors(message)));
    }

    /// <summary>Returns the bank that judges each camera's next frame.</summary>
    private async Task<IEnumerable<(string Camera, string Bank, int Version)>> JudgedByAsync()
    {
        await _listener.TriggerAsync(correlation: $"{Guid.NewGuid()}");
        return (await _listener.VerdictsAsync(3)).Select(v => (v.Camera, v.Bank!.Id, v.Bank.Version)).Order();
    }

    private static async Task<Dictionary<string, double>> ThresholdsAsync(AgentProcess agent)
    {
        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri(await agent.ListeningAsync(), "/metrics"))).Split('\n').Where(l => l.StartsWith("mrfad_threshold{", StringComparison.Ordinal));
        return lines.ToDictionary(l => l.Split('"')[1], l => Math.Round(double.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture), 3));
    }

    [Fact]
    public async Task A_false_alarm_is_taught_and_is_none_from_then_on_unless_a_reference_defect_would_be_missed()
    {
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1, defective: true);
        await using (var careful = Run())
        {
            await _listener.StateAsync(StationState.Ready);
            var verdict = await VerdictAsync();
            Assert.Equal(Verdict.Ng, verdict.Verdict);
            var preview = await CorrectAsync("--verdict", verdict.Id);
            Assert.Equal(["0.png"], preview["would_miss"]!.AsArray().Select(m => (string?)m));
            var lesson = $"{preview["lesson"]}";
            Assert.Contains("it would no longer find 0.png", (await BankAsync("lesson", "--confirm", lesson)).Errors, StringComparison.Ordinal);
            Assert.Equal(0, (await BankAsync("lesson", "--confirm", lesson, "--accept-misses")).ExitCode);
            var refused = await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/bank" && (string?)JsonNode.Parse(m.Payload.Span)!["last"]?["result"] == "refused");
            Assert.Contains("misses 1 of 1 defective reference parts", (string?)JsonNode.Parse(refused.Payload.Span)!["last"]!["reason"], StringComparison.Ordinal);
        }

        Directory.Delete(_folder.File("golden/bad"), recursive: true);
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/self-test" && (bool)JsonNode.Parse(m.Payload.Span)!["passed"]!);
        var alarm = await VerdictAsync();
        var correction = await CorrectAsync("--verdict", alarm.Id);
        Assert.True((float)correction["score_after"]! < (float)correction["threshold"]! && (int)correction["patches"]! > 0, $"{correction}");
        Assert.Equal(1, (await VerdictAsync()).Bank!.Version);
        await CorrectAsync("--confirm", (Guid)correction["lesson"]!);
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/bank" && (int?)JsonNode.Parse(m.Payload.Span)!["current"]?["version"] == 2);

        var taught = await VerdictAsync();
        Assert.Equal((Verdict.Ok, 2), (taught.Verdict, taught.Bank!.Version));
        Assert.Equal("station-s1", (string?)JsonNode.Parse((await BankAsync("status")).Output)!["current"]!["key"]);
    }

    private async Task<JsonNode> CorrectAsync(string option, Guid id)
    {
        var (code, output, errors) = await BankAsync("lesson", option, $"{id}");
        Assert.True(code == 0, output + errors);
        return JsonNode.Parse(output)!;
    }

    private AgentProcess Run(string cameras = """[{ "name": "top", "source": "folder:parts", "loop": true }]""")
    {
        var config = station.Configure(_folder, _broker.Port, cameras, trusted: _office.Trusted, allowUnsigned: true);
        var tree = JsonNode.Parse(File.ReadAllText(config))!;
        tree["updates"]!["golden_folder"] = "golden";
        File.WriteAllText(config, tree.ToJsonString());
        return AgentProcess.Start(["run", "--config", config]);
    }

    private Task<(int ExitCode, string Output, string Errors)> BankAsync(string verb, params string[] arguments) =>
        AgentProcess.RunAsync(["bank", verb, .. arguments, "--station", "site/line/s1", "--broker", $"127.0.0.1:{_broker.Port}"]);

    private async Task<VerdictMessage> VerdictAsync()
    {
        await _listener.TriggerAsync(correlation: $"{Guid.NewGuid()}");
        return Listener.Verdict(await _listener.UntilAsync(Listener.IsVerdict));
    }
}
