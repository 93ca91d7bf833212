using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Dashboard;

/// <summary>The page of a running station, in a real browser and as an attacker requests it.</summary>
public sealed class DashboardTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private const string Token = "a token of the station";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new HttpClientHandler { UseCookies = false });
    private MosquittoBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        // The verdicts: good, NG, good, and the same NG again.
        for (var i = 0; i < 4; i++)
            LearnedStation.WritePart(_folder.File($"parts/{i}.png"), seed: i == 2 ? 52 : 50 + (i % 2), defective: i % 2 == 1);
        await File.WriteAllTextAsync(_folder.File("token"), Token + "\n");
        _broker = await MosquittoBroker.StartNewAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_operator_sees_verdicts_teaches_goes_back_and_needs_no_reload_when_the_station_was_killed()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        var port = FreePort.Next();
        var agent = Run(port: port);
        await using var listener = await Listener.ConnectedAsync(_broker.Port);
        JsonNode seen;
        try
        {
            seen = JsonNode.Parse(await NodeScript.ConverseAsync("dashboard.cjs", CarryOutAsync, $"{await agent.ListeningAsync()}", Pictures, Token))!;
        }
        finally
        {
            await agent.DisposeAsync();
        }

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.Equal("s1", (string?)seen["title"]);
        Assert.False((bool)seen["canSetBefore"]!);
        Assert.Equal("this is not the station's token", (string?)seen["refusal"]);
        Assert.Equal("NG", (string?)seen["verdict"]);
        Assert.InRange((int)seen["regions"]!, 1, 9);
        AssertSeen("explanation", "the nearest normal patch is in");
        Assert.Equal(4, (int)seen["dots"]!);
        AssertSeen("rate", "2 of the last 4 parts would be NG: 50 %");
        Assert.Equal("0", (string?)seen["opacity"]);
        Assert.Equal(0, (int)seen["regionsOff"]!);
        Assert.Equal(2, (int)seen["ng"]!);
        Assert.StartsWith("#2 ", (string?)seen["held"], StringComparison.Ordinal);
        Assert.StartsWith("now · #4 ", (string?)seen["live"], StringComparison.Ordinal);

        AssertSeen("preview", "OK at the threshold", "parts version 2", "no longer find the one known defect", "#2,");
        AssertSeen("notYet", "parts version 1");
        Assert.Equal("[true,false]", seen["consent"]!.ToJsonString());
        Assert.Contains(seen["phases"]!.AsArray(), phase => ((string)phase!).Contains("parts version 2 is on its way: shadowing", StringComparison.Ordinal));
        AssertSeen("watched", "to come");
        Assert.Equal("OK", (string?)seen["taught"]);
        AssertSeen("rollback", "parts version 1 judges again instead of parts version 2");
        AssertSeen("last", "parts version 2 rolled back");
        Assert.Equal("NG", (string?)seen["rolledBack"]);

        AssertSeen("lost", "The station does not answer since");
        Assert.Equal("before", (string?)seen["since"]);
        Assert.Equal("Running", (string?)seen["state"]);
        Assert.StartsWith("#12 ", (string?)seen["stillHeld"], StringComparison.Ordinal);
        Assert.StartsWith("now · #13 ", (string?)seen["caughtUp"], StringComparison.Ordinal);
        Assert.Equal("Sign in", (string?)seen["signedOut"]);
        AssertSeen("gone", "is no longer in memory");
        Assert.DoesNotContain(listener.All, Listener.IsHeatmap);

        void AssertSeen(string what, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, (string?)seen[what], StringComparison.Ordinal));

        async Task CarryOutAsync(string what)
        {
            if (what == "kill")
            {
                await agent.SignalAsync("KILL");
                await agent.ExitAsync();
                return;
            }

            await agent.DisposeAsync();
            agent = Run(port: port);
            await agent.ListeningAsync();
            await listener.ReceivedAsync(12, Listener.IsVerdict);
            await listener.StateAsync(StationState.Ready);
            await listener.TriggerAsync();
            await listener.VerdictsAsync(1);
        }

        Assert.All(seen["viewEnds"]!.AsArray(), end => Assert.InRange((double)end!, 1, 900));
    }

    [Fact]
    public async Task A_cameras_own_bank_is_shown_with_the_camera_and_taken_back_there()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        using var office = new BankSigner();
        var own = TestModel.Vary(station.Bank, office.File("own.mrfbank"), version: 1, change: d => d["id"] = "own");
        var next = office.Sign(TestModel.Vary(own, office.File("next.mrfbank"), version: 2));
        var detector = $$"""{ "bank": "{{own}}", "encoder": "{{station.Encoder}}", "threads": 1 }""";
        await using var agent = Run($$"""
            [{ "name": "top", "source": "folder:parts", "loop": true },
             { "name": "side", "source": "folder:parts", "loop": true, "detector": {{detector}} },
             { "name": "back", "source": "folder:parts", "loop": true, "detector": {{detector}} }]
            """, trusted: office.Trusted);
        await using var listener = await Listener.ConnectedAsync(_broker.Port);
        var url = await agent.ListeningAsync();
        await listener.StateAsync(StationState.Ready);

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync("dashboard-cameras.cjs", PushAsync, $"{url}", Pictures, Token, "top"))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        Assert.DoesNotContain("before it", (string?)seen["before"], StringComparison.Ordinal);
        Assert.Contains("camerasside, backbefore itown version 1", (string?)seen["pushed"], StringComparison.Ordinal);
        Assert.Contains("own version 1 judges again instead of own version 2, on side, back.", (string?)seen["question"], StringComparison.Ordinal);
        Assert.Contains("own version 2 rolled back", (string?)seen["last"], StringComparison.Ordinal);
        Assert.DoesNotContain("own", (string?)seen["stations"], StringComparison.Ordinal);

        async Task PushAsync(string _)
        {
            var (code, output, errors) = await AgentProcess.RunAsync("bank", "push", next, "--camera", "side", "--station", "site/line/s1", "--broker", $"127.0.0.1:{_broker.Port}");
            Assert.True(code == 0, output + errors);
        }
    }

    [Fact]
    public async Task Nobody_changes_anything_without_the_token_or_from_another_site()
    {
        await using var agent = Run();
        var url = await agent.ListeningAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.PostAsync(new Uri(url, "api/commands/trigger"), null)).StatusCode);
        using var answer = await _http.PostAsJsonAsync(new Uri(url, "api/sign-in"), new { token = Token });
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        var session = cookie[..cookie.IndexOf(';', StringComparison.Ordinal)];

        // A form of another site would send the cookie alone.
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(session, "")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(session, new string('0', 48))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("mrfad_session=" + new string('0', 48), "")).StatusCode);
        var csrf = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["csrf"]!;
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(session, csrf)).StatusCode);

        async Task<HttpResponseMessage> PostAsync(string cookies, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "api/commands/state"));
            request.Headers.Add("Cookie", cookies);
            request.Headers.Add("X-Csrf-Token", value);
            return await _http.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_guessed_token_is_slowed_down_and_a_closed_station_shows_nothing()
    {
        await using var agent = Run(closed: true);
        var url = await agent.ListeningAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri(url, "api/verdicts"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri(url, "api/events"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(url)).StatusCode); // the page itself is public, and asks for the token
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri(url, "plant"))).StatusCode); // not configured
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync($"guess {i}"));
        Assert.Contains(HttpStatusCode.TooManyRequests, await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SignInAsync($"guess 1{i}"))));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(Token)); // it had to wait
        Assert.Contains("mrfad_wrong_tokens_total{endpoint=\"sign-in\"}", await _http.GetStringAsync(new Uri(url, "metrics")), StringComparison.Ordinal);

        async Task<HttpStatusCode> SignInAsync(string token) => (await _http.PostAsJsonAsync(new Uri(url, "api/sign-in"), new { token })).StatusCode;
    }

    [Theory]
    [InlineData("""{ "token": "a", "token": "b" }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "token": "\ud800" }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "token": ["a token of the station"] }""", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("5000", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("20000000", HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_that_is_no_token_is_refused_before_it_costs_anything(string body, HttpStatusCode status)
    {
        await using var agent = Run();
        var url = await agent.ListeningAsync();
        using var content = int.TryParse(body, out var length) ? (HttpContent)new ByteArrayContent(new byte[length]) : new StringContent(body);

        using var answer = await _http.PostAsync(new Uri(url, "api/sign-in"), content);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:80", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:9464", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("[2001:db8::1]:9464", true)]
    [InlineData("press7.example.com", true)]
    public async Task A_page_whose_name_leads_here_is_not_this_stations_page(string host, bool isOwn)
    {
        await using var agent = Run(hosts: "press7.example.com");
        var url = await agent.ListeningAsync();

        foreach (var path in (string[])["", "api/station", "api/verdicts", "api/sign-in"])
            Assert.Equal(isOwn, await StatusAsync(path) != HttpStatusCode.MisdirectedRequest);
        Assert.Equal(isOwn, await StatusAsync("inspect", HttpMethod.Post) != HttpStatusCode.MisdirectedRequest);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("metrics")); // Prometheus calls a station as its list does

        async Task<HttpStatusCode> StatusAsync(string path, HttpMethod? method = null)
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(url, path));
            request.Headers.Host = host;
            return (await _http.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task A_page_that_listens_does_not_hold_up_the_end()
    {
        await using var agent = Run();
        using var answer = await _http.GetAsync(new Uri(await agent.ListeningAsync(), "api/events"), HttpCompletionOption.ResponseHeadersRead);
        await using var events = await answer.Content.ReadAsStreamAsync();
        using var lines = new StreamReader(events);
        Assert.Equal("event: station", await lines.ReadLineAsync());

        await agent.SignalAsync("TERM");

        // The host would wait for half a minute for an open connection.
        Assert.Equal(0, await agent.ExitAsync().WaitAsync(TestTimeout.Value));
        while (await lines.ReadLineAsync() is not null)
        {
        }
    }

    [Fact]
    public async Task A_question_that_makes_no_sense_is_answered_with_what_was_wanted()
    {
        await using var agent = Run();
        var url = await agent.ListeningAsync();

        await AssertWantedAsync("api/verdicts?verdict=maybe", "want OK, NG, INVALID, TIMEOUT or COLLECTING, got 'maybe'");
        await AssertWantedAsync("api/verdicts?limit=0", "want 1 to 1000, got '0'");
        await AssertWantedAsync("api/scores?camera=bottom", "want one of top, got 'bottom'");
        await AssertWantedAsync("api/rate?camera=top&threshold=NaN", "want a number, got 'NaN'");

        async Task AssertWantedAsync(string path, string wanted)
        {
            using var answer = await _http.GetAsync(new Uri(url, path));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(wanted, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"], StringComparison.Ordinal);
        }
    }

    private string Pictures => Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? _folder.Path;

    private AgentProcess Run(
        string cameras = """[{ "name": "top", "source": "folder:parts", "loop": true, "heatmap": { "publish": "never" } }]""", bool closed = false, int port = 0, TrustedKey? trusted = null,
        string? hosts = null) => AgentProcess.Start(
        ["run", "--config", station.Configure(_folder, _broker.Port, cameras, trusted: trusted)],
        new Dictionary<string, string>
        {
            ["MRFAD__DASHBOARD__TOKEN_FILE"] = _folder.File("token"),
            ["MRFAD__DASHBOARD__CLOSED"] = closed ? "true" : "false",
            ["MRFAD__HTTP__PORT"] = $"{port}",
            ["MRFAD__HTTP__HOSTS"] = hosts is null ? "[]" : $"[\"{hosts}\"]",
        });
}
