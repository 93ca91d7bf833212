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
        await using var agent = Run("light", "dark");
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
        Assert.Equal("From 30 good parts. The 2 other frames are not learned. From the first frame after it on, top judges.", (string?)seen["question"]);
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
        await using var again = Run("light", "dark");
        await _listener.StateAsync(StationState.Ready);
        var after = await SendAsync(await again.ListeningAsync(), LearnedStation.Part(900, defective: true, DarkGrey));
        Assert.Equal((Verdict.Ng, judged[^1].Bank!.Sha256), (after.Verdict, after.Bank!.Sha256));
        Assert.True(File.Exists(_folder.File("models/dark.mrfbank.sig")));
    }

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

    private AgentProcess Run(params string[] products)
    {
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = _broker.Port, ["reconnect_delay"] = "50ms", ["reconnect_delay_max"] = "200ms" },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["dashboard"] = new JsonObject { ["token_file"] = "token" },
            ["control"] = new JsonObject { ["allow_unsigned"] = true },
            ["collect"] = new JsonObject { ["enabled"] = true, ["min_parts"] = Wanted, ["scales"] = new JsonArray(0.5, 1), ["least_side"] = 32, ["rows"] = null },
            ["detector"] = new JsonObject { ["bank"] = "models/part.mrfbank", ["encoder"] = TinyEncoder.Write(_folder.Path), ["threads"] = 1 },
            ["cameras"] = JsonNode.Parse("""[{ "name": "top", "source": "http:", "trigger": "http", "deadline": "60s", "heatmap": { "publish": "never" } }]"""),
        };
        if (products.Length > 0)
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
