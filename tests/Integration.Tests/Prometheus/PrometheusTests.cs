using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Prometheus;

/// <summary>The shipped rules and dashboards, with the real Prometheus and its tools.</summary>
public sealed partial class PrometheusTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Folder => Path.Combine(Repository.Root, "prometheus");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("check", "rules", "mrfad.rules.yml")]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("test", "rules", "mrfad.rules.test.yml")]
    public async Task Promtool_accepts_what_ships(string verb, string what, string file)
    {
        Requires.Program("/usr/bin/promtool", package: "prometheus");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", [verb, what, file]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, await output + await errors);
        Assert.DoesNotContain("FAILED", await output + await errors, StringComparison.Ordinal); // some versions end with 0 despite a failure
    }

    [Fact]
    public async Task A_running_station_is_scraped_and_every_query_that_ships_is_about_something_it_says()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("parts/0.png"), seed: 3, defective: true);
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await using var agent = AgentProcess.Start(["run", "--config", station.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts" }]""")]);
        await using var prometheus = await PrometheusServer.StartAsync(await agent.ListeningAsync());
        await listener.StateAsync(StationState.Ready);
        await listener.TriggerAsync();
        await listener.TriggerAsync(); // there is no second image
        var verdicts = (await listener.VerdictsAsync(2)).Select(v => v.Id.ToString()).ToList();
        Assert.All(await prometheus.ExemplarsAsync("mrfad_inspection_duration_seconds_bucket"), id => Assert.Contains(id, verdicts));

        var judged = Assert.Single(await prometheus.UntilAsync("""mrfad_inspections_total{job="mrfad",verdict="NG"} > 0"""));
        Assert.Equal(("top", "1"), (judged.Labels["camera"], judged.Value));
        Assert.Equal("running", Assert.Single(await prometheus.UntilAsync("mrfad_station_state == 1")).Labels["state"]);
        Assert.Equal("1", Assert.Single(await prometheus.UntilAsync("mrfad_frames_dropped_total")).Value);

        var said = (await prometheus.QueryAsync("""count by (__name__) ({job="mrfad"})""")).Select(s => s.Labels["__name__"]).ToHashSet();
        foreach (var query in GrafanaQueries().Concat(RuleQueries()))
        {
            await prometheus.QueryAsync(query);
            Assert.All(Metric().Matches(query).Select(m => m.Value), name => Assert.Contains(name, said));
        }
    }

    [Fact]
    public async Task An_agent_that_is_killed_makes_an_alert_pend()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        await using var agent = AgentProcess.Start(["run", "--config", station.Configure(_folder, FreePort.Next(), """[{ "name": "top", "source": "folder:parts" }]""")]);
        await using var prometheus = await PrometheusServer.StartAsync(await agent.ListeningAsync());
        Assert.Equal("warning", Assert.Single(await prometheus.UntilAsync("""ALERTS{alertname="MrfadStationNotWell"}""")).Labels["severity"]);
        await prometheus.UntilAsync("""ALERTS{alertname="MrfadBrokerAway"}""");

        await agent.SignalAsync("KILL");

        Assert.Equal("critical", Assert.Single(await prometheus.UntilAsync("""ALERTS{alertname="MrfadStationDown"}""")).Labels["severity"]);
    }

    [Fact]
    public async Task The_dashboard_compiles_against_Grafanas_own_types()
    {
        Assert.Equal("[]", (await NodeScript.RunAsync("grafana.cjs", "", Path.Combine(Folder, "grafana.json"))).Trim());

        File.WriteAllText(_folder.File("wrong.json"), File.ReadAllText(Path.Combine(Folder, "grafana.json")).Replace("\"fillOpacity\"", "\"fillOpacities\"", StringComparison.Ordinal));
        Assert.Contains("fillOpacities", await NodeScript.RunAsync("grafana.cjs", "", _folder.File("wrong.json")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> GrafanaQueries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!
                .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$station", ".*", StringComparison.Ordinal).Replace("$camera", ".*", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> RuleQueries() => Expression().Matches(File.ReadAllText(Path.Combine(Folder, "mrfad.rules.yml"))).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\bmrfad_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"expr: (?:>-\s+)?((?:.+\n)(?: {10}.+\n)*)")]
    private static partial Regex Expression();
}
