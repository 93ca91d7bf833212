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

    private AgentProcess Run() => AgentProcess.Start(["run", "--config", station.Configure(
        _folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true }]""")]);

    private async Task<CommandReply> AskAsync(string command, string payload)
    {
        await _listener.TriggerAsync(payload, command, correlation: $"{Guid.NewGuid()}");
        return await ReplyAsync();
    }

    private async Task<CommandReply> ReplyAsync() => Listener.Reply(await _listener.UntilAsync(Listener.IsReply));
}
