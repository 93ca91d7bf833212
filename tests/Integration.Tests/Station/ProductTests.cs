using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The real <c>mrfad run</c> with products whose models disagree: a good part of one is NG by any other.</summary>
public sealed class ProductTests(LearnedProducts products) : IClassFixture<LearnedProducts>, IAsyncLifetime
{
    private const string Upload = """[{ "name": "top", "source": "http:", "trigger": "http", "queue_length": 20, "heatmap": { "publish": "never" } }]""";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TestTimeout.Value };
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    public async ValueTask InitializeAsync()
    {
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
    public async Task A_part_is_judged_by_the_active_product_or_by_that_of_its_trigger_and_says_which()
    {
        await using var agent = Run(Upload);
        await _listener.StateAsync(StationState.Ready);

        Assert.Equal(("black", Verdict.Ok), Judged(await SendAsync(agent, "black", 1)));
        Assert.Equal(("black", Verdict.Ng), Judged(await SendAsync(agent, "white", 2)));
        Assert.Equal(("white", Verdict.Ok), Judged(await SendAsync(agent, "white", 3, "&product=white")));
        // The choice of one trigger leaves the active product as it is.
        Assert.Equal(("black", Verdict.Ok), Judged(await SendAsync(agent, "black", 4)));

        Assert.True((await AskAsync("product", """{"product":"light"}""")).Accepted);
        Assert.Equal(("light", Verdict.Ok), Judged(await SendAsync(agent, "light", 5)));
        Assert.Equal(("light", Verdict.Ng), Judged(await SendAsync(agent, "black", 6)));

        await _listener.ReceivedAsync(6, Listener.IsVerdict);
        _listener.AssertSchemas();
    }

    [Fact]
    public async Task An_unknown_product_is_refused_by_name_and_its_part_is_invalid()
    {
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "deadline": "60s" }]""");
        await _listener.StateAsync(StationState.Ready);

        var command = await AskAsync("product", """{"product":"m6"}""");
        Assert.Equal((CommandErrorCode.NotFound, "there is no product 'm6'; there are black, dark, light, white"), (command.Error!.Code, command.Error.Message));
        Assert.Equal(CommandErrorCode.UnknownCamera, (await AskAsync("product", """{"product":"white","camera":"side"}""")).Error!.Code);
        Assert.Equal(CommandErrorCode.BadRequest, (await AskAsync("product", "{}")).Error!.Code);
        Assert.Equal(CommandErrorCode.NotFound, (await AskAsync("trigger", """{"id":"a","product":"m6"}""")).Error!.Code);
        var verdict = (await _listener.VerdictsAsync(1))[0];

        Assert.Equal((null, Verdict.Invalid), Judged(verdict));
        Assert.Equal("there is no product 'm6'; there are black, dark, light, white", verdict.Reason);
        Assert.Null(verdict.Bank);
    }

    [Fact]
    public async Task The_active_product_survives_a_kill_and_a_trigger_that_follows_the_command_is_judged_by_it()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        await File.WriteAllBytesAsync(Path.Combine(_folder.File("parts"), "0.png"), LearnedProducts.Part("dark", 1));
        const string cameras = """[{ "name": "top", "source": "folder:parts", "loop": true, "deadline": "60s", "queue_length": 50 }]""";
        await using (var agent = Run(cameras))
        {
            await _listener.StateAsync(StationState.Ready);
            // None waits for a reply: the order of the messages alone decides.
            for (var i = 0; i < 10; i++)
            {
                await _listener.TriggerAsync($$"""{"product":"{{LearnedProducts.Names[i % 4]}}"}""", "product", $"change-{i}");
                await _listener.TriggerAsync($$"""{"id":"part-{{i}}"}""");
            }

            var verdicts = await _listener.VerdictsAsync(10);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => LearnedProducts.Names[i % 4]), verdicts.Select(v => v.Product));
            Assert.All(verdicts, v => Assert.Equal(v.Product == "dark" ? Verdict.Ok : Verdict.Ng, v.Verdict));
            Assert.All(verdicts, v => Assert.Equal(v.Product, v.Bank!.Id));
            await _listener.ReceivedAsync(20, Listener.IsReply);
            await agent.SignalAsync("KILL");
        }

        await _listener.StatusAsync(Presence.Offline);
        await using var after = Run(cameras);
        await _listener.StateAsync(StationState.Ready);
        await AskAsync("trigger", """{"id":"after"}""");
        var last = Listener.Verdict(await _listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m).Trigger.Id == "after"));
        Assert.Equal(("dark", Verdict.Ok), Judged(last));
    }

    [Fact]
    public async Task What_belongs_to_a_product_names_it_and_changes_no_other()
    {
        await using var agent = Run(Upload);
        await _listener.StateAsync(StationState.Ready);
        // The station is ready with the active product; what is about another one's model waits for that.
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).Products.All(p => p.Loaded));

        foreach (var command in (string[])["bank", "rollback", "threshold", "selftest"])
        {
            var refusal = (await AskAsync(command, "{}")).Error!;
            Assert.Equal((CommandErrorCode.NotFound, "'product': want one of black, dark, light, white, got none"), (refusal.Code, refusal.Message));
        }

        var ofBank = (float)(await AskAsync("threshold", """{"product":"white"}""")).Result!["of_bank"]!;
        Assert.True((await AskAsync("threshold", FormattableString.Invariant($$"""{"product":"white","threshold":{{ofBank * 1.5f}}}"""))).Accepted);
        Assert.Equal(ofBank * 1.5f, (await SendAsync(agent, "white", 1, "&product=white")).Threshold);
        var black = await SendAsync(agent, "black", 2);
        Assert.NotEqual(ofBank * 1.5f, black.Threshold);
        Assert.Equal("white", (string?)(await AskAsync("bank", """{"product":"white"}""")).Result!["current"]!["id"]);
        Assert.Equal("black", (string?)(await AskAsync("bank", """{"product":"black","camera":"top"}""")).Result!["current"]!["id"]);
        Assert.True(Directory.Exists(_folder.File("state/products/white/banks")));
    }

    [Fact]
    public async Task The_active_product_is_changed_on_the_page()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        await File.WriteAllTextAsync(_folder.File("token"), "a token of the station\n");
        await using var agent = Run(Upload, config => config["dashboard"] = new JsonObject { ["token_file"] = "token" });
        var url = await agent.ListeningAsync();
        await _listener.StateAsync(StationState.Ready);

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync(
            "products.cjs",
            async action =>
            {
                if (action == "send")
                    await SendAsync(agent, "white", 1);
                else
                    await AskAsync("product", """{"product":"dark"}""");
            },
            $"{url}", Pictures, "a token of the station"))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.True((bool)seen["disabled"]!);
        Assert.Equal(LearnedProducts.Names, seen["offered"]!.AsArray().Select(o => (string)o!));
        Assert.Equal("From the next part on, top inspects white instead of black.", (string?)seen["question"]);
        Assert.Equal(("black", "dark"), ((string?)seen["kept"], (string?)seen["followed"]));
    }

    [Fact]
    public async Task A_bank_is_pushed_to_one_product_and_rolled_back_there_while_the_others_stay()
    {
        using var office = new BankSigner();
        await using var agent = Run(Upload, config => config["updates"] = new JsonObject
        {
            ["trusted_keys"] = new JsonArray(new JsonObject { ["id"] = office.Trusted.Id, ["public_key_file"] = office.Trusted.PublicKeyFile }),
            ["keep_free_mb"] = 1,
        });
        await _listener.StateAsync(StationState.Ready);
        var next = office.Sign(TestModel.Vary(products.Bank("white"), office.File("next.mrfbank"), version: 2));

        var (code, output, errors) = await BankAsync("push", next);
        Assert.Equal(1, code);
        Assert.Contains("has products: want --product with one of black, dark, light, white", errors, StringComparison.Ordinal);
        (code, output, errors) = await BankAsync("push", next, "--product", "white");
        Assert.True(code == 0, output + errors + agent.Log);
        Assert.Equal(2, (await SendAsync(agent, "white", 1, "&product=white")).Bank!.Version);
        var black = (await SendAsync(agent, "black", 2)).Bank!;
        Assert.Equal(("black", 1), (black.Id, black.Version));

        (code, output, errors) = await BankAsync("rollback", "--product", "white");
        Assert.True(code == 0, output + errors);
        Assert.Equal(1, (await SendAsync(agent, "white", 3, "&product=white")).Bank!.Version);
        Assert.Equal(("white", 2), ((string?)JsonNode.Parse(output)!["product"], (int)JsonNode.Parse(output)!["previous"]!["version"]!));
        // The bank of one product is no update of another: its id says so, and the shadow run would.
        (code, _, errors) = await BankAsync("rollback", "--product", "black");
        Assert.Equal(1, code);
        Assert.Contains("there is nothing to go back to: black version 1 is the first", errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> BankAsync(params string[] arguments) =>
        AgentProcess.RunAsync(["bank", .. arguments, "--station", "site/line/s1", "--broker", $"127.0.0.1:{_broker.Port}"]);

    private string Pictures => Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path;

    private static (string? Product, Verdict Verdict) Judged(VerdictMessage verdict) => (verdict.Product, verdict.Verdict);

    private AgentProcess Run(string cameras, Action<JsonObject>? change = null)
    {
        Directory.CreateDirectory(_folder.File("parts"));
        return AgentProcess.Start(["run", "--config", products.Configure(_folder, _broker.Port, cameras, change)]);
    }

    private async Task<VerdictMessage> SendAsync(AgentProcess agent, string part, int number, string query = "")
    {
        using var body = new ByteArrayContent(LearnedProducts.Part(part, 100 + number));
        using var response = await _http.PostAsync(new Uri(await agent.ListeningAsync(), $"inspect?id=part-{number}{query}"), body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), MessageJson.Default.VerdictMessage)!;
    }

    private async Task<CommandReply> AskAsync(string command, string payload)
    {
        var id = Guid.NewGuid().ToString("N");
        await _listener.TriggerAsync(payload, command, id);
        return Listener.Reply(await _listener.UntilAsync(m => Listener.IsReply(m) && System.Text.Encoding.UTF8.GetString(m.CorrelationData.Span) == id));
    }
}
