using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>Regions of a running station: drawn on its page, and set over HTTP and MQTT. Parts have their defect at 30 … 50, 20 … 40 px.</summary>
public sealed class RegionTests(LearnedStation learned) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private const string Token = "a token of the station";
    private const string Drawn = """{ "width_px": 96, "height_px": 64, "regions": [{ "name": "hole", "kind": "ignore", "points": [[16, 8], [64, 8], [64, 56], [16, 56]] }] }""";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { Timeout = TestTimeout.Value };
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;
    private Uri _url = null!;
    private int _parts;

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
    public async Task They_are_drawn_with_a_mouse_a_finger_and_a_keyboard()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        await using var agent = Run(allowUnsigned: false);
        var url = await ReadyAsync(agent);
        Assert.Equal(Verdict.Ok, (await SendAsync(url, defective: false)).Verdict);
        Assert.Equal(Verdict.Ng, (await SendAsync(url, defective: true)).Verdict);
        var verdicts = new Dictionary<string, VerdictMessage>();

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync(
            "regions.cjs", async step => verdicts[step] = await SendAsync(url, defective: step != "named"), $"{url}", Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path, Token))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.Equal(("Save (sign in first)", "None: the whole image is inspected."), ((string?)seen["signedOut"], (string?)seen["none"]));

        AssertShape("ignore", [(12, 6), (68, 6), (68, 58), (12, 58)], Assert.Single(seen["mouse"]!.AsArray())!);
        Assert.Equal(Verdict.Ok, verdicts["bad"].Verdict);
        Assert.NotNull(verdicts["bad"].RegionsSha256);
        AssertShape("named", [(10, 6), (66, 6), (76, 60), (10, 58)], Assert.Single(seen["dragged"]!.AsArray())!);
        Assert.Equal(("label", 0.001, 5), ((string?)seen["dragged"]![0]!["name"], (double)seen["dragged"]![0]!["threshold"]!, (int)seen["dragged"]![0]!["min_area_px"]!));
        Assert.Equal(Verdict.Ng, verdicts["named"].Verdict);
        Assert.True(verdicts["named"].Score < verdicts["named"].Threshold);
        Assert.All(verdicts["named"].Regions, r => Assert.Equal("label", r.Name));
        Assert.StartsWith("Not saved: region 'label': its border crosses itself", (string?)seen["crossed"], StringComparison.Ordinal);
        Assert.True((bool)seen["leaves"]!);

        Assert.Equal("label", (string?)Assert.Single(seen["restored"]!.AsArray())!["name"]);
        AssertShape("ignore", [(72, 40), (92, 40), (92, 60), (72, 60)], seen["touch"]!);
        AssertShape("ignore", [(72, 40), (92, 40), (84, 56), (72, 60)], seen["touched"]!);

        AssertShape("ignore", [(8, 6), (18, 6), (18, 14)], seen["keyboard"]!);
        AssertShape("ignore", [(8, 6), (20, 6), (18, 14)], seen["keyed"]!);
        Assert.Equal("A region needs three corners: delete the region instead.", (string?)seen["least"]);
        Assert.Equal(["label", "region 2", "corner"], seen["list"]!.AsArray().Select(t => (string)t!));
        Assert.Equal(("None: the whole image is inspected.", 0), ((string?)seen["reset"]![0], (int)seen["reset"]![1]!));
        Assert.Equal((Verdict.Ng, null), (verdicts["bank"].Verdict, verdicts["bank"].RegionsSha256));
    }

    [Fact]
    public async Task They_are_set_and_read_over_HTTP_by_those_who_may_and_hold_over_a_restart()
    {
        string sha256;
        await using (var agent = Run(allowUnsigned: false))
        {
            var url = await ReadyAsync(agent);
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(Drawn)).StatusCode);
            using (var signedIn = await _http.PostAsJsonAsync(new Uri(_url, "/api/sign-in"), new { token = Token }))
            {
                Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(Drawn)).StatusCode);
                _http.DefaultRequestHeaders.Add("X-Csrf-Token", (string)(await signedIn.Content.ReadFromJsonAsync<JsonNode>())!["csrf"]!);
            }

            Assert.Equal(Verdict.Ng, (await SendAsync(url, defective: true)).Verdict);
            var answer = await PostAsync(Drawn);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            Assert.Empty(JsonSchemaValidator.ForMessage("regions-result").Errors(JsonNode.Parse(text)!["result"]!.ToJsonString()));
            sha256 = (string)JsonNode.Parse(text)!["result"]!["regions_sha256"]!;
            var judged = await SendAsync(url, defective: true);
            Assert.Equal((Verdict.Ok, sha256), (judged.Verdict, judged.RegionsSha256));

            foreach (var (wrong, sentence) in ((string, string)[])[
                (Drawn.Replace("96", "95", StringComparison.Ordinal), "they are drawn over images of 95x64, the bank 'parts' learned 96x64"),
                (Drawn.Replace("[16, 8], ", "", StringComparison.Ordinal).Replace("[64, 8], ", "", StringComparison.Ordinal), "region 'hole': want 3 to 200 points, got 2"),
                (Drawn.Replace("[16, 8]", "[-1, 8]", StringComparison.Ordinal), "region 'hole': point 1 wants a place within the image of 96x64, got (-1, 8)"),
                (Drawn.Replace("[[16, 8], [64, 8], [64, 56], [16, 56]]", "[[0, 0], [96, 0], [96, 64], [0, 64]]", StringComparison.Ordinal), "the regions leave nothing of the image to inspect"),
                ("""{ "width_px": 96, "height_px": 64, "regions": [null] }""", "region 1 is null"),
                ("[]", "'regions' takes an object")])
            {
                using var refused = await PostAsync(wrong);
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
                Assert.Contains(sentence, (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!["message"]!, StringComparison.Ordinal);
            }

            Assert.Equal(sha256, (string?)(await GetAsync("/api/regions"))["sha256"]);
            Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(new Uri(_url, "/api/regions?camera=side"))).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(new Uri(_url, "/api/regions/picture?of=best"))).StatusCode);
            await agent.SignalAsync("KILL");
        }

        await _listener.StatusAsync(Presence.Offline);
        await using var again = Run(allowUnsigned: false);
        var after = await ReadyAsync(again);
        var regions = await GetAsync("/api/regions?camera=top");
        Assert.Equal(("station", sha256, 96), ((string?)regions["source"], (string?)regions["sha256"], (int)regions["width_px"]!));
        Assert.Equal("hole", (string?)(await GetAsync("/api/regions/file"))["regions"]![0]!["name"]);
        Assert.Equal(Verdict.Ok, (await SendAsync(after, defective: true)).Verdict);
        _listener.AssertSchemas(replies: false);
        Assert.Contains("\"by\":\"dashboard\",\"what\":\"regions\",\"camera\":\"top\",\"from\":null,", Assert.Single(await File.ReadAllLinesAsync(_folder.File("state/audit.jsonl"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_MQTT_they_must_be_signed_as_a_threshold_must()
    {
        await using var agent = Run(allowUnsigned: false);
        await ReadyAsync(agent);

        var refused = await AskAsync("regions", $$"""{ "camera": "top", "regions": {{Drawn}} }""");

        Assert.Equal(CommandErrorCode.NotAuthorized, refused.Error!.Code);
        Assert.Equal((await AskAsync("threshold", "{}")).Error!.Message.Replace("threshold", "regions", StringComparison.Ordinal), refused.Error.Message);
    }

    [Fact]
    public async Task Over_MQTT_they_hold_from_the_next_part_on_until_they_are_taken_back()
    {
        await using var agent = Run(allowUnsigned: true);
        var url = await ReadyAsync(agent);
        // Nothing of the defect's surroundings lies outside of it.
        var named = Drawn.Replace("ignore", "named", StringComparison.Ordinal).Replace("[[16, 8], [64, 8], [64, 56], [16, 56]]", "[[0, 0], [90, 0], [90, 64], [0, 64]]", StringComparison.Ordinal);

        Assert.True((await AskAsync("regions", $$"""{ "regions": {{named}} }""")).Accepted);
        var judged = await SendAsync(url, defective: true);
        Assert.Equal(Verdict.Ng, judged.Verdict);
        Assert.Contains(judged.Regions, r => r.Name == "hole");

        var lenient = named.Replace("\"named\"", "\"named\", \"threshold\": 1000", StringComparison.Ordinal);
        Assert.True((await AskAsync("regions", $$"""{ "camera": "top", "regions": {{lenient}} }""")).Accepted);
        var passed = await SendAsync(url, defective: true);
        Assert.Equal(Verdict.Ok, passed.Verdict);
        Assert.NotEqual(judged.RegionsSha256, passed.RegionsSha256);

        Assert.Equal(CommandErrorCode.UnknownCamera, (await AskAsync("regions", """{ "camera": "side" }""")).Error!.Code);
        Assert.Null((string?)(await AskAsync("regions", "{}")).Result!["regions_sha256"]);
        Assert.Equal(Verdict.Ng, (await SendAsync(url, defective: true)).Verdict);
    }

    [Fact]
    public async Task A_bank_is_learned_with_a_file_of_them_and_inspects_by_it()
    {
        await File.WriteAllTextAsync(_folder.File("regions.json"), Drawn);
        Directory.CreateDirectory(_folder.File("good"));
        for (var i = 0; i < 8; i++)
            LearnedStation.WritePart(_folder.File($"good/{i}.png"), seed: i);
        LearnedStation.WritePart(_folder.File("bad.png"), seed: 70, defective: true);
        string[] learn = ["learn", _folder.File("good"), "--encoder", learned.Encoder, "--out", _folder.File("with.mrfbank"), "--scales", "0.5,1", "--least-side", "32", "--rows", "all", "--regions"];

        var (code, output, errors) = await AgentProcess.RunAsync([.. learn, _folder.File("regions.json")]);
        Assert.True(code == 0, output + errors);
        Assert.Contains("regions: 1 ignore; 63 % of the image is inspected", output, StringComparison.Ordinal);
        (code, output, errors) = await AgentProcess.RunAsync("inspect", _folder.File("bad.png"), "--bank", _folder.File("with.mrfbank"), "--encoder", learned.Encoder);
        Assert.True(code == 0, output + errors);
        Assert.StartsWith("OK", output, StringComparison.Ordinal);
        (code, output, errors) = await AgentProcess.RunAsync("inspect", _folder.File("bad.png"), "--bank", learned.Bank, "--encoder", learned.Encoder);
        Assert.Equal(3, code);

        (code, _, errors) = await AgentProcess.RunAsync([.. learn, _folder.File("none.json")]);
        Assert.Equal((2, $"mrfad: --regions: no such file: {_folder.File("none.json")}"), (code, errors.Trim()));
        await File.WriteAllTextAsync(_folder.File("odd.json"), Drawn.Replace("[64, 8]", "[640, 8]", StringComparison.Ordinal));
        (code, _, errors) = await AgentProcess.RunAsync([.. learn, _folder.File("odd.json")]);
        Assert.Equal(1, code);
        Assert.EndsWith("odd.json: region 'hole': point 2 wants a place within the image of 96x64, got (640, 8)", errors.Trim(), StringComparison.Ordinal);
    }

    private static void AssertShape(string kind, (double X, double Y)[] points, JsonNode shape)
    {
        Assert.Equal(kind, (string?)shape["kind"]);
        Assert.Equal(points.Length, shape["points"]!.AsArray().Count);
        foreach (var (point, drawn) in points.Zip(shape["points"]!.AsArray()))
        {
            // A pixel of the screen is less than one of the picture.
            Assert.Equal(point.X, (double)drawn![0]!, 0.6);
            Assert.Equal(point.Y, (double)drawn[1]!, 0.6);
        }
    }

    private AgentProcess Run(bool allowUnsigned)
    {
        const string cameras = """[{ "name": "top", "source": "http:", "trigger": "http", "heatmap": { "publish": "never" } }]""";
        return AgentProcess.Start(
            ["run", "--config", learned.Configure(_folder, _broker.Port, cameras, allowUnsigned: allowUnsigned)], new Dictionary<string, string> { ["MRFAD__DASHBOARD__TOKEN_FILE"] = "token" });
    }

    private async Task<Uri> ReadyAsync(AgentProcess agent)
    {
        var url = await agent.ListeningAsync();
        _url = url;
        await _listener.StateAsync(StationState.Ready);
        return url;
    }

    private async Task<VerdictMessage> SendAsync(Uri url, bool defective)
    {
        using var content = new ByteArrayContent(LearnedStation.Part(50, defective));
        using var answer = await _http.PostAsync(new Uri(url, $"inspect?id=part-{++_parts}"), content);
        return System.Text.Json.JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), MessageJson.Default.VerdictMessage)!;
    }

    private async Task<CommandReply> AskAsync(string command, string payload)
    {
        var correlation = $"{command}-{Guid.NewGuid():N}";
        await _listener.TriggerAsync(payload, command, correlation);
        return Listener.Reply(await _listener.UntilAsync(m => Listener.IsReply(m) && Encoding.UTF8.GetString(m.CorrelationData.Span) == correlation));
    }

    private Task<HttpResponseMessage> PostAsync(string regions)
    {
        var content = new StringContent($$"""{ "camera": "top", "regions": {{regions}} }""", Encoding.UTF8, "application/json");
        return _http.PostAsync(new Uri(_url, "/api/commands/regions"), content);
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(new Uri(_url, path)))!;
}
