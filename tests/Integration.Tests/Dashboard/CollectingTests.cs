using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>The real <c>mrfad run</c> without a model: it collects good parts, learns, and judges, without a restart.</summary>
public sealed class CollectingTests : IAsyncLifetime
{
    private const string Token = "a token of the station";
    private const int Wanted = 30, LightGrey = 200, DarkGrey = 60;

    private static readonly string[] Products = ["light", "dark"];

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TestTimeout.Value };
    private readonly List<VerdictMessage> _verdicts = [];
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.File("token"), Token);
        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task From_no_model_to_a_defect_of_the_second_product_without_leaving_the_page()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        await using var agent = Run(Products);
        var url = await agent.ListeningAsync();
        await _listener.StateAsync(StationState.Ready);

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync(
            "collecting.cjs", step => CarryOutAsync(url, step.Split(' ')), $"{url}", Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path, Token, $"{Wanted}"))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.Equal("""["Sign in to say which parts are good.",true]""", seen["signedOut"]!.ToJsonString());
        Assert.Equal("COLLECTING", (string?)seen["dark"]![0]);
        Assert.StartsWith("dark: mean brightness", (string?)seen["dark"]![1], StringComparison.Ordinal);
        Assert.True((bool)seen["early"]!);
        Assert.Equal(Wanted, (int)seen["shown"]!);
        Assert.Equal("From 30 good parts. 2 other frames are not learned. From the first frame after it on, top judges.", (string?)seen["question"]);
        Assert.Equal(("OK", "OK", "OK", "OK"), ((string?)seen["first"], (string?)seen["ignored"], (string?)seen["second"], (string?)seen["switched"]));
        Assert.Equal("It has no model yet.", (string?)seen["note"]);
        Assert.Equal("""["NG",true]""", seen["found"]!.ToJsonString());

        var judged = _verdicts.Where(v => v.Verdict != Verdict.Collecting).ToList();
        Assert.Equal(["light", "light", "light", "dark", "light", "dark"], judged.Select(v => v.Bank!.Id));
        Assert.All(judged, v => Assert.Equal(v.Product, v.Bank!.Id));
        Assert.Equal(2 * Wanted + 2, _verdicts.Count(v => v is { Verdict: Verdict.Collecting, Bank: null, Score: null }));
        Assert.Equal(Wanted, Directory.GetFiles(_folder.File("collected/dark/top/good")).Length);
        _listener.AssertSchemas();

        // What the station has learned is signed by it, and judges again after a kill.
        await agent.SignalAsync("KILL");
        await _listener.StatusAsync(Presence.Offline);
        await using var again = Run(Products);
        await _listener.StateAsync(StationState.Ready);
        var after = await SendAsync(await again.ListeningAsync(), LearnedStation.Part(900, defective: true, DarkGrey));
        Assert.Equal((Verdict.Ng, judged[^1].Bank!.Sha256), (after.Verdict, after.Bank!.Sha256));
        Assert.True(File.Exists(_folder.File("models/dark.mrfbank.sig")));
    }

    [Fact]
    public async Task Over_MQTT_it_must_be_signed_as_a_threshold_must()
    {
        await using var agent = Run(allowUnsigned: false);
        await _listener.StateAsync(StationState.Ready);

        var refused = await AskAsync("collect", """{ "learn": true }""");

        Assert.Equal(CommandErrorCode.NotAuthorized, refused.Error!.Code);
        Assert.Equal((await AskAsync("threshold", "{}")).Error!.Message.Replace("threshold", "collect", StringComparison.Ordinal), refused.Error.Message);
    }

    [Fact]
    public async Task Over_MQTT_it_goes_the_whole_way_too_and_a_kill_costs_nothing_that_was_collected()
    {
        var ids = new List<Guid>();
        await using (var agent = Run())
        {
            var url = await agent.ListeningAsync();
            await _listener.StateAsync(StationState.Ready);
            for (var i = 0; i < Wanted; i++)
                ids.Add((await SendAsync(url, LearnedStation.Part(i))).Id);
            // A verdict comes before its frame is on disk.
            await Poll.UntilAsync(async () => (int)(await AskAsync("collect", "{}")).Result!["others"]! == Wanted, "all frames are kept");
            var first = await CollectAsync("good", ids.Take(Wanted - 1));
            Assert.Equal((Wanted - 1, 1, Wanted, false), ((int)first.Result!["good"]!, (int)first.Result["others"]!, (int)first.Result["wanted"]!, (bool)first.Result["learning"]!));
            Assert.Empty(JsonSchemaValidator.ForMessage("collect-result").Errors(first.Result.ToJsonString()));
            Assert.Equal("want at least 30 good parts (collect.min_parts), got 29", (await AskAsync("collect", """{ "learn": true }""")).Error!.Message);
            Assert.Equal(CommandErrorCode.UnknownCamera, (await AskAsync("collect", """{ "camera": "side" }""")).Error!.Code);
            Assert.Equal(CommandErrorCode.BadRequest, (await AskAsync("collect", """{ "good": [] }""")).Error!.Code);
            Assert.StartsWith("the frame 0", (await CollectAsync("good", [Guid.CreateVersion7()])).Error!.Message, StringComparison.Ordinal);
            await agent.SignalAsync("KILL");
        }

        await _listener.StatusAsync(Presence.Offline);
        await using var again = Run();
        var after = await again.ListeningAsync();
        await _listener.StateAsync(StationState.Ready);
        Assert.Equal(Wanted, (int)(await CollectAsync("good", ids)).Result!["good"]!);
        Assert.True((bool)(await AskAsync("collect", """{ "learn": true }""")).Result!["learning"]!);
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/bank" && JsonNode.Parse(m.Payload.Span)!["current"] is not null);

        var (good, bad) = (await SendAsync(after, LearnedStation.Part(500)), await SendAsync(after, LearnedStation.Part(501, defective: true)));
        Assert.Equal((Verdict.Ok, Verdict.Ng, "part", 1), (good.Verdict, bad.Verdict, bad.Bank!.Id, bad.Bank.Version));
        _listener.AssertSchemas();
    }

    private Task<CommandReply> CollectAsync(string field, IEnumerable<Guid> ids) => AskAsync("collect", $$"""{ "{{field}}": [{{string.Join(", ", ids.Select(id => $"\"{id}\""))}}] }""");

    private async Task CarryOutAsync(Uri url, string[] step)
    {
        if (step[0] == "product")
        {
            Assert.True((await AskAsync("product", $$"""{ "product": "{{step[1]}}" }""")).Accepted);
            return;
        }

        var grey = step is [_, "dark"] ? DarkGrey : LightGrey;
        _verdicts.Add(await SendAsync(url, step[0] == "dark" ? LearnedStation.Part(1, grey: 0) : LearnedStation.Part(100 + _verdicts.Count, step[0] == "bad", grey)));
    }

    private AgentProcess Run(string[]? products = null, bool allowUnsigned = true)
    {
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = _broker.Port, ["reconnect_delay"] = "50ms", ["reconnect_delay_max"] = "200ms" },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["dashboard"] = new JsonObject { ["token_file"] = "token" },
            ["control"] = new JsonObject { ["allow_unsigned"] = allowUnsigned },
            ["collect"] = new JsonObject { ["enabled"] = true, ["min_parts"] = Wanted, ["scales"] = new JsonArray(0.5, 1), ["least_side"] = 32, ["rows"] = null },
            ["detector"] = new JsonObject { ["bank"] = "models/part.mrfbank", ["encoder"] = TinyEncoder.Write(_folder.Path), ["threads"] = 1 },
            ["cameras"] = JsonNode.Parse("""[{ "name": "top", "source": "http:", "trigger": "http", "deadline": "60s", "heatmap": { "publish": "never" } }]"""),
        };
        if (products is not null)
            config["products"] = new JsonArray([.. products.Select(p => new JsonObject { ["name"] = p, ["bank"] = $"models/{p}.mrfbank" })]);
        File.WriteAllText(_folder.File("station.json"), config.ToJsonString());
        return AgentProcess.Start(["run", "--config", _folder.File("station.json")]);
    }

    private async Task<VerdictMessage> SendAsync(Uri url, byte[] picture)
    {
        using var content = new ByteArrayContent(picture);
        using var answer = await _http.PostAsync(new Uri(url, $"inspect?id={Guid.NewGuid():N}"), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize(text, MessageJson.Default.VerdictMessage)!;
    }

    private async Task<CommandReply> AskAsync(string command, string payload)
    {
        var correlation = $"{command}-{Guid.NewGuid():N}";
        await _listener.TriggerAsync(payload, command, correlation);
        return Listener.Reply(await _listener.UntilAsync(m => Listener.IsReply(m) && Encoding.UTF8.GetString(m.CorrelationData.Span) == correlation));
    }
}
