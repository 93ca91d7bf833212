using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>Parts that people called good are taught together, when their frames are no longer in memory.</summary>
public sealed class CorrectionTests(LearnedStation learned) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private const string Token = "a token of the station";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer() });
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;
    private AgentProcess _agent = null!;
    private IReadOnlyList<VerdictMessage> _verdicts = [];

    /// <summary>Judges three NG parts, the last as the second, and a good one, starts the station again, and calls the first two good and the last one bad.</summary>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        for (var i = 0; i < 4; i++)
            LearnedStation.WritePart(_folder.File($"parts/{i}.png"), seed: i == 3 ? 61 : 60 + i, defective: i != 2);
        await File.WriteAllTextAsync(_folder.File("token"), Token);
        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
        var config = learned.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "frame": { "publish": "ng" } }]""", allowUnsigned: true);
        var settings = new Dictionary<string, string> { ["MRFAD__DASHBOARD__TOKEN_FILE"] = "token" };
        await using (AgentProcess.Start(["run", "--config", config], settings))
        {
            await _listener.StateAsync(StationState.Ready);
            for (var i = 0; i < 4; i++)
                await _listener.TriggerAsync(correlation: $"{i}");
            _verdicts = await _listener.VerdictsAsync(4);
            await _listener.ReceivedAsync(3, Listener.IsFrame);
        }

        Assert.Equal([Verdict.Ng, Verdict.Ng, Verdict.Ok, Verdict.Ng], _verdicts.Select(v => v.Verdict));
        _agent = AgentProcess.Start(["run", "--config", config], settings);
        _http.BaseAddress = await _agent.ListeningAsync();
        await _listener.StateAsync(StationState.Ready);
        using (var signedIn = await _http.PostAsJsonAsync("/api/sign-in", new { token = Token }))
            _http.DefaultRequestHeaders.Add("X-Csrf-Token", (string)(await signedIn.Content.ReadFromJsonAsync<JsonNode>())!["csrf"]!);
        foreach (var (i, label) in ((int, string)[])[(0, "good"), (1, "good"), (3, "bad")])
            Assert.Equal(HttpStatusCode.OK, (await _http.PostAsJsonAsync("/api/review/labels", new { verdict = _verdicts[i].Id, label, by = "Ada", queue = "ng" })).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_agent is not null)
            await _agent.DisposeAsync();
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Parts_called_good_become_one_version_and_a_part_called_bad_that_it_would_miss_wants_a_second_consent()
    {
        var candidates = Assert.Single((await GetAsync("/api/review/corrections")).AsArray())!;
        Assert.Equal([_verdicts[1].Id, _verdicts[0].Id], candidates["verdicts"]!.AsArray().Select(v => (Guid)v!));
        Assert.Equal((0, 0, 0), ((int)candidates["more"]!, (int)candidates["without_frame"]!, (int)candidates["learned"]!));

        // The good part has no frame on disk: it is left out, and the others are taught.
        var (code, output, errors) = await AgentProcess.RunAsync(
            ["bank", "lesson", "--verdict", .. _verdicts.Take(3).Select(v => $"{v.Id}"), "--station", "site/line/s1", "--broker", $"127.0.0.1:{_broker.Port}"]);
        Assert.True(code == 0, output + errors);
        Assert.Empty(JsonSchemaValidator.ForMessage("teach-result").Errors(output));
        var preview = JsonNode.Parse(output)!;
        Assert.Equal([_verdicts[0].Id, _verdicts[1].Id], preview["parts"]!.AsArray().Select(p => (Guid)p!["verdict"]!));
        Assert.All(preview["parts"]!.AsArray(), p => Assert.True((float)p!["score_before"]! >= (float)p["threshold"]! && (float)p["score_after"]! < (float)p["threshold"]!, $"{p}"));
        var left = Assert.Single(preview["left_out"]!.AsArray())!;
        Assert.Equal(_verdicts[2].Id, (Guid)left["verdict"]!);
        Assert.Contains("not kept on disk", (string)left["reason"]!, StringComparison.Ordinal);
        Assert.Equal((2, 1), ((int)preview["bank"]!["version"]!, (int)preview["looked_at"]!));
        Assert.Equal([$"verdict {_verdicts[3].Id}"], preview["would_miss"]!.AsArray().Select(m => (string)m!));

        using var refused = await CorrectAsync(new { confirm = (Guid)preview["lesson"]! });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains($"it would no longer find verdict {_verdicts[3].Id}", (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await CorrectAsync(new { confirm = (Guid)preview["lesson"]!, accept_misses = true })).StatusCode);
        await BankAsync(version: 2);

        candidates = Assert.Single((await GetAsync("/api/review/corrections")).AsArray())!;
        Assert.Equal((0, 2), (candidates["verdicts"]!.AsArray().Count, (int)candidates["learned"]!));
        Assert.Single(await File.ReadAllLinesAsync(_folder.File("state/audit.jsonl"), TestContext.Current.CancellationToken));
        using var again = await CorrectAsync(new { verdicts = _verdicts.Take(2).Select(v => v.Id) });
        Assert.Contains("none of 2 parts can be taught; the first one: the bank has learned it already", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_the_last_verdicts_have_the_pictures_that_are_on_disk()
    {
        var shown = (await GetAsync("/api/verdicts?camera=top")).AsArray();

        Assert.Equal([(true, true), (false, true), (true, true), (true, true)], shown.Select(v => ((bool)v!["has_frame"]!, (bool)v["has_heatmap"]!)));
        foreach (var kind in (string[])["frame", "heatmap"])
        {
            var bytes = await _http.GetByteArrayAsync($"/api/pictures/{_verdicts[0].Id}/{kind}", TestContext.Current.CancellationToken);
            Assert.Equal(await _http.GetByteArrayAsync($"/api/results/{_verdicts[0].Id}/pictures/{kind}", TestContext.Current.CancellationToken), bytes);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"/api/pictures/{_verdicts[2].Id}/frame", TestContext.Current.CancellationToken)).StatusCode);
        File.Delete(Directory.GetFiles(_folder.File("state/pictures"), $"{_verdicts[0].Id}-frame.png", SearchOption.AllDirectories).Single());
        Assert.False((bool)(await GetAsync("/api/verdicts?camera=top")).AsArray().Last()!["has_frame"]!);
    }

    [Theory]
    [InlineData("""{ "verdicts": [] }""", "'verdicts': want 1 to 100 ids, got 0")]
    [InlineData("""{ "verdict": "0000000a-0000-7000-8000-000000000000", "verdicts": ["0000000a-0000-7000-8000-000000000000"] }""", "takes one of")]
    [InlineData("""{ "verdicts": ["0000000a-0000-7000-8000-000000000000"] }""", "there is no verdict 0000000a-0000-7000-8000-000000000000, or no longer")]
    public async Task A_lesson_that_makes_no_sense_is_refused_with_a_sentence(string body, string sentence)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await _http.PostAsync("/api/review/corrections", content, TestContext.Current.CancellationToken);

        Assert.Contains(sentence, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["message"]!, StringComparison.Ordinal);
        _http.DefaultRequestHeaders.Remove("X-Csrf-Token");
        Assert.Equal(HttpStatusCode.Forbidden, (await CorrectAsync(new { verdicts = _verdicts.Select(v => v.Id) })).StatusCode);
    }

    [Fact]
    public async Task A_quality_engineer_teaches_the_good_ones_on_the_page_of_the_review()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync(
            "corrections.cjs", _ => BankAsync(version: 2), $"{_http.BaseAddress}", Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path, Token))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.True((bool)seen["signedOut"]!);
        Assert.StartsWith("Teach the good ones: 2 parts…", (string)seen["offer"]!, StringComparison.Ordinal);
        Assert.Equal("Teach 2 good parts", (string)seen["title"]!);
        Assert.All((string[])["2 of 2 become OK", "parts version 2", "no longer find the one known defect", $"part {$"{_verdicts[3].Id}"[^12..]}"], part => Assert.Contains(part, (string)seen["preview"]!, StringComparison.Ordinal));
        Assert.Equal("[true,false]", seen["consent"]!.ToJsonString());
        Assert.Equal("2 parts learned.", (string)seen["after"]!);
    }

    private Task<MqttMessage> BankAsync(int version) => _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/bank" && (int?)JsonNode.Parse(m.Payload.Span)!["current"]?["version"] == version);

    private async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(path))!;

    private Task<HttpResponseMessage> CorrectAsync(object body) => _http.PostAsJsonAsync("/api/review/corrections", body);
}
