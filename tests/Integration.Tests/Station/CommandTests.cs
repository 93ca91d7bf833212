using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The replies of the real <c>mrfad run</c> to commands.</summary>
public sealed class CommandTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task State_config_snapshot_and_replay_answer_with_results()
    {
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);

        Assert.Equal("Ready", (string?)(await AskAsync("state", "")).Result!["state"]);
        var config = (await AskAsync("config", "")).Result!;
        Assert.Equal("s1", (string?)config["station"]);
        Assert.Equal("top", (string?)config["cameras"]![0]!["name"]);

        await _listener.TriggerAsync("""{"camera":"top"}""", "snapshot");
        var picture = await _listener.UntilAsync(m => m.Topic.EndsWith("/top/snapshot", StringComparison.Ordinal));
        using var image = ImageCodec.Decode(picture.Payload.Span, "snapshot");
        Assert.Equal(LearnedStation.Width, image.Width);
        Assert.Equal(LearnedStation.Width, (int)(await ReplyAsync()).Result!["width_px"]!);

        Assert.True((await AskAsync("trigger", """{"camera":"top","id":"a"}""")).Accepted);
        var verdict = await VerdictAsync(1);
        Assert.Equal(1, (int)(await AskAsync("replay", $$"""{"id":"{{verdict.Id}}"}""")).Result!["verdicts"]!);
        var again = await VerdictAsync(2);
        Assert.Equal(verdict with { Historical = true, Regions = [] }, again with { Regions = [] });
        Assert.Equal(CommandErrorCode.NotFound, (await AskAsync("replay", """{"from_seq":1000}""")).Error!.Code);
        Assert.Equal(CommandErrorCode.BadRequest, (await AskAsync("replay", "{}")).Error!.Code);
        Assert.Equal(CommandErrorCode.BadRequest, (await AskAsync("fetch", "{}")).Error!.Code);
    }

    [Fact]
    public async Task A_threshold_is_set_within_bounds_and_holds_over_a_kill()
    {
        float low;
        await using (var agent = Run())
        {
            await _listener.StateAsync(StationState.Ready);
            Assert.Equal(CommandErrorCode.OutOfBounds, (await AskAsync("threshold", """{"threshold":0.0001}""")).Error!.Code);
            var ofBank = (float)(await AskAsync("threshold", """{"camera":"top"}""")).Result!["of_bank"]!;
            low = ofBank * 0.6f;
            var set = await AskAsync("threshold", FormattableString.Invariant($$"""{"camera":"top","threshold":{{low}}}"""));
            Assert.Equal(low, (float)set.Result!["threshold"]!);
            await AskAsync("trigger", "");
            Assert.Equal(low, (await VerdictAsync(1)).Threshold);
            await agent.SignalAsync("KILL");
        }

        await _listener.StatusAsync(Presence.Offline);
        await using var after = Run();
        await _listener.StateAsync(StationState.Ready);
        await AskAsync("trigger", "");
        // The first verdict may come again if its acknowledgement was not on disk yet.
        bool IsSecond(MqttMessage message) => Listener.IsVerdict(message) && Listener.Verdict(message).Seq == 2;
        await _listener.ReceivedAsync(1, IsSecond);
        var verdict = Listener.Verdict(_listener.All.First(IsSecond));
        Assert.Equal(low, verdict.Threshold);
        Assert.Contains("\"what\":\"threshold\"", await File.ReadAllTextAsync(_folder.File("state/audit.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_sent_again_brings_its_verdict_again_and_no_second_image()
    {
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);

        await AskAsync("trigger", """{"camera":"top","id":"a"}""");
        var first = await VerdictAsync(1);
        await AskAsync("trigger", """{"camera":"top","id":"a"}""");
        var again = await VerdictAsync(2);

        Assert.Equal((first.Id, first.Seq, true), (again.Id, again.Seq, again.Historical));
    }

    [Fact]
    public async Task Ten_megabytes_are_refused_and_the_next_command_works()
    {
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);

        await _listener.TriggerAsync(new string('x', 10_000_000), "threshold", correlation: "big");

        Assert.Equal(CommandErrorCode.TooLarge, (await ReplyAsync()).Error!.Code);
        Assert.True((await AskAsync("state", "")).Accepted);
    }

    /// <returns>The verdict with that number since the beginning.</returns>
    private async Task<VerdictMessage> VerdictAsync(int count)
    {
        await _listener.ReceivedAsync(count, Listener.IsVerdict);
        return Listener.Verdict(_listener.All.Where(Listener.IsVerdict).ElementAt(count - 1));
    }

    [Fact]
    public async Task As_configured_by_default_nobody_changes_by_MQTT_how_parts_are_judged()
    {
        await using var agent = Run(allowUnsigned: false);
        await _listener.StateAsync(StationState.Ready);

        foreach (var (command, payload) in ((string, string)[])[("threshold", """{"threshold":1}"""), ("teach", $$"""{"verdict":"{{Guid.NewGuid()}}"}"""), ("rollback", ""), ("fetch", """{"source":"http://127.0.0.1:1/x"}""")])
            Assert.Equal(CommandErrorCode.NotAuthorized, (await AskAsync(command, payload)).Error?.Code);
        Assert.Null((string?)(await AskAsync("state", "")).Result!["reason"]);
        Assert.True((await AskAsync("trigger", "")).Accepted);

        var (code, output, _) = await AgentProcess.RunAsync("check", "--config", _folder.File("station.json"));
        Assert.Equal(0, code);
        Assert.Contains("no key is trusted to sign them", string.Join(' ', output.Split([' ', '\n', '│'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_station_that_takes_unsigned_changes_says_so_and_still_fetches_only_where_it_may()
    {
        await using var agent = Run();
        await _listener.StateAsync(StationState.Ready);

        Assert.Contains("control.allow_unsigned is true", (string?)(await AskAsync("state", "")).Result!["reason"], StringComparison.Ordinal);
        var fetch = await AskAsync("fetch", """{"source":"http://127.0.0.1:1/x"}""");
        Assert.Equal(CommandErrorCode.NotAuthorized, fetch.Error?.Code);
        Assert.Contains("updates.fetch_from (there is none)", fetch.Error!.Message, StringComparison.Ordinal);

        var (_, output, _) = await AgentProcess.RunAsync("check", "--config", _folder.File("station.json"), "--json");
        Assert.Contains("WARNING: whoever may publish on cmd/", output, StringComparison.Ordinal);
    }

    private AgentProcess Run(bool allowUnsigned = true) => AgentProcess.Start(["run", "--config", station.Configure(
        _folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true }]""", allowUnsigned: allowUnsigned)]);

    private async Task<CommandReply> AskAsync(string command, string payload)
    {
        await _listener.TriggerAsync(payload, command, correlation: $"{Guid.NewGuid()}");
        return await ReplyAsync();
    }

    private async Task<CommandReply> ReplyAsync() => Listener.Reply(await _listener.UntilAsync(Listener.IsReply));
}
