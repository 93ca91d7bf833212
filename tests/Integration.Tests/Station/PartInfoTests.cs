using System.Net;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The serial number and the free fields of a part in the real <c>mrfad run</c>, from each entrance to each place where they are seen.</summary>
public sealed class PartInfoTests(LearnedStation learned) : StationTestBase(learned)
{
    // The last one delivers no frame before its deadline, so that its trigger is pending when the agent is killed.
    private const string Cameras = """
        [{ "name": "top", "source": "folder:parts", "loop": true }, { "name": "web", "source": "http:", "trigger": "http" },
         { "name": "message", "source": "mqtt:frames" }, { "name": "away", "source": "gige:none", "deadline": "1h" }]
        """;

    private static readonly PartMeta Meta = PartMeta.Parse("""{"lot":"A7","weight_g":1.50}""");

    private static readonly Dictionary<string, string> Evidence = new() { ["MRFAD__EVIDENCE__BUDGET_MB"] = "10", ["MRFAD__EVIDENCE__OK_ONE_IN"] = "1" };

    [Fact]
    public async Task The_data_that_came_with_a_trigger_are_in_its_verdict_and_wherever_that_is_seen()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        var png = await File.ReadAllBytesAsync(Path.Combine(Parts, "0.png"), TestContext.Current.CancellationToken);
        await using var agent = Run(Cameras, Evidence);
        var url = await agent.ListeningAsync();
        await Listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State != StationState.Preparing);
        await using var sender = await Peer.ConnectedAsync(Broker.Port);

        await Listener.TriggerAsync("""{"camera":"top","id":"a","serial":"SN-1","meta":{"lot":"A7","weight_g":1.50}}""");
        var verdict = Assert.Single(await Listener.VerdictsAsync(1));
        Assert.Equal(("SN-1", Meta), (verdict.Serial, verdict.Meta));
        using (var answer = await Http.PostAsync(new Uri(url, $"inspect?camera=web&serial=SN-2&meta={Uri.EscapeDataString(Meta.Json)}"), new ByteArrayContent(png), TestContext.Current.CancellationToken))
            Assert.Equal(("SN-2", Meta.Json), Of(await JsonAsync(answer)));
        await sender.PublishAsync(new MqttMessage("frames", png) { UserProperties = [new("serial", "SN-3"), new("meta", Meta.Json)] });
        Assert.Equal(["SN-2", "SN-3"], (await Listener.VerdictsAsync(2)).Select(v => v.Serial));

        // The same id once more brings the first one's verdict, whatever comes with it.
        await Listener.TriggerAsync("""{"camera":"top","id":"a","serial":"SN-9"}""", correlation: "again");
        var again = Assert.Single(await Listener.VerdictsAsync(1));
        Assert.Equal((verdict.Id, "SN-1", Meta, true), (again.Id, again.Serial, again.Meta, again.Historical));

        var found = await JsonAsync(await Http.GetAsync(new Uri(url, "api/results?serial=SN-2"), TestContext.Current.CancellationToken));
        var id = (string)Assert.Single(found["verdicts"]!.AsArray())!["id"]!;
        Assert.Equal(("SN-2", Meta.Json), Of((await JsonAsync(await Http.GetAsync(new Uri(url, $"api/results/{id}"), TestContext.Current.CancellationToken)))["verdict"]!));
        Assert.Contains("SN-3", (await MrfAdAsync("results", "list", "--serial", "SN-3")), StringComparison.Ordinal);
        Assert.Equal(("SN-2", Meta.Json), Of(JsonNode.Parse(await MrfAdAsync("results", "show", id))!["verdict"]!));
        Assert.Contains(",SN-1,", await MrfAdAsync("results", "export", "--serial", "SN-1"), StringComparison.Ordinal);
        Assert.Equal(("SN-2", Meta.Json), Of(JsonNode.Parse(await File.ReadAllTextAsync(Folder.File($"evidence/web/{id}.json"), TestContext.Current.CancellationToken))!));
        Listener.AssertSchemas();
    }

    [Fact]
    public async Task The_verdict_of_a_trigger_that_a_kill_interrupted_has_them_too()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using (var agent = Run(Cameras))
        {
            await Listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State != StationState.Preparing);
            await Listener.TriggerAsync("""{"camera":"away","id":"a","serial":"SN-1","meta":{"lot":"A7","weight_g":1.50}}""");
            Assert.True(Listener.Reply(await Listener.UntilAsync(Listener.IsReply)).Accepted);
            await agent.SignalAsync("KILL");
        }

        await using var after = Run(Cameras);

        var verdict = Assert.Single(await Listener.VerdictsAsync(1));
        Assert.Equal(("a", Verdict.Invalid, "SN-1", Meta), (verdict.Trigger.Id, verdict.Verdict, verdict.Serial, verdict.Meta));
    }

    [Fact]
    public async Task Data_beyond_their_limits_trigger_nothing_and_the_answer_names_them()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run(Cameras);
        var url = await agent.ListeningAsync();
        await Listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State != StationState.Preparing);

        foreach (var (payload, named) in ((string, string)[])[
            ($$"""{"serial":"{{new string('x', 201)}}"}""", "'serial': want 1 to 200 characters, got 201"),
            ("""{"serial":"a\u001bb"}""", "'serial': want no control character"),
            ("""{"meta":{"lot":null}}""", "meta: 'lot': want text, a number, true or false, got null")])
        {
            await Listener.TriggerAsync(payload, correlation: named);
            var reply = Listener.Reply(await Listener.UntilAsync(Listener.IsReply));
            Assert.Equal(CommandErrorCode.BadRequest, reply.Error?.Code);
            Assert.Contains(named, reply.Error!.Message, StringComparison.Ordinal);
        }

        foreach (var (query, named) in ((string, string)[])[("serial=", "serial: want 1 to 200 characters, got 0"), ("serial=a%0Ab", "serial: want no control character"), ("meta=[]", "meta: want a JSON object, got a list")])
        {
            using var answer = await Http.PostAsync(new Uri(url, $"inspect?camera=web&{query}"), new ByteArrayContent([1]), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.BadRequest, named), (answer.StatusCode, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Trim()));
        }

        await Listener.TriggerAsync("""{"camera":"top","serial":"SN-1"}""");
        Assert.Equal((1L, "SN-1"), Assert.Single((await Listener.VerdictsAsync(1)).Select(v => (v.Seq, v.Serial!))));
    }

    private async Task<string> MrfAdAsync(params string[] arguments)
    {
        var (code, output, errors) = await AgentProcess.RunAsync([.. arguments, "--config", Folder.File("station.json")]);
        Assert.True(code == 0, output + errors);
        return output;
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

    private static (string?, string?) Of(JsonNode verdict) => ((string?)verdict["serial"], verdict["meta"]?.ToJsonString());
}
