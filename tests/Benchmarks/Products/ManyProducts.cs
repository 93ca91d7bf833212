using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Products;

/// <summary>
/// Runs the real agent with many products, each with a copy of one bank, in a budget that has no room for all: time until it is ready and until all were opened, resident memory, and the
/// time of a part whose model is loaded beside that of one whose model comes from disk.
/// </summary>
internal static class ManyProducts
{
    /// <param name="bank">A bank that was learned with the default encoder, or with <paramref name="encoder"/>.</param>
    /// <param name="image">An image of a good part.</param>
    /// <param name="encoder">The encoder; null means the default one.</param>
    public static async Task RunAsync(string bank, string image, int count, int budgetMb, int parts, string? encoder)
    {
        using var folder = new TemporaryFolder();
        await using var broker = await MosquittoBroker.StartNewAsync();
        var names = Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"product-{i:00}")).ToList();
        foreach (var name in names)
            File.Copy(bank, folder.File($"{name}.mrfbank"));
        Configure(folder, broker.Port, names, budgetMb, encoder);
        var start = Stopwatch.StartNew();
        await using var agent = AgentProcess.Start(["run", "--config", folder.File("station.json")]);
        using var http = new HttpClient { BaseAddress = await agent.ListeningAsync(), Timeout = TimeSpan.FromMinutes(5) };
        await UntilAsync(http, agent, station => (string?)station["state"] is "Ready");
        var ready = start.Elapsed;
        await UntilAsync(http, agent, _ => agent.Log.Split("Ready: bank").Length > count);
        Console.WriteLine(FormattableString.Invariant($"{count} products of {new FileInfo(bank).Length / 1e6:0.0} MB, budget {budgetMb} MB: ready after {ready.TotalSeconds:0.0} s, all opened after {start.Elapsed.TotalSeconds:0.0} s"));
        Report(agent, await StationAsync(http));

        var (picture, random) = (await File.ReadAllBytesAsync(image), new Random(1));
        var times = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        for (var part = 1; part <= parts; part++)
        {
            var name = names[random.Next(count)];
            var isLoaded = (bool)(await StationAsync(http))["products"]!.AsArray().Single(p => (string?)p!["product"] == name)!["loaded"]!;
            using var body = new ByteArrayContent(picture);
            using var response = await http.PostAsync(new Uri($"inspect?id=part-{part}&product={name}", UriKind.Relative), body);
            var verdict = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), MessageJson.Default.VerdictMessage)!;
            if (verdict.Product != name || verdict.Score is null)
                throw new InvalidOperationException($"part {part} of {name}: {verdict}");
            times[isLoaded].Add(verdict.TimingsMs.Total);
        }

        foreach (var (isLoaded, all) in times.Where(t => t.Value.Count > 0))
        {
            all.Sort();
            Console.WriteLine(FormattableString.Invariant($"{all.Count} parts whose model was {(isLoaded ? "in memory" : "on disk")}: p50 {all[all.Count / 2]:0} ms, p99 {all[(int)(0.99 * (all.Count - 1))]:0} ms"));
        }

        Report(agent, await StationAsync(http));
    }

    private static void Report(AgentProcess agent, JsonNode station)
    {
        var loaded = station["products"]!.AsArray().Count(p => (bool)p!["loaded"]!);
        Console.WriteLine(FormattableString.Invariant($"resident {agent.MemoryNow / 1e6:0} MB, at most {agent.PeakMemory / 1e6:0} MB; {loaded} models loaded, {agent.Log.Split(" was unloaded: ").Length - 1} were unloaded for others"));
    }

    private static void Configure(TemporaryFolder folder, int port, List<string> names, int budgetMb, string? encoder)
    {
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = port },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["detector"] = new JsonObject { ["encoder"] = encoder },
            ["memory"] = new JsonObject { ["budget_mb"] = budgetMb },
            ["products"] = new JsonArray([.. names.Select(name => new JsonObject { ["name"] = name, ["bank"] = $"{name}.mrfbank" })]),
            ["cameras"] = new JsonArray(new JsonObject { ["name"] = "top", ["source"] = "http:", ["trigger"] = "http" }),
        };
        File.WriteAllText(folder.File("station.json"), config.ToJsonString());
    }

    private static async Task<JsonNode> StationAsync(HttpClient http) => JsonNode.Parse(await http.GetStringAsync(new Uri("api/station", UriKind.Relative)))!;

    private static Task UntilAsync(HttpClient http, AgentProcess agent, Func<JsonNode, bool> isSo) => Poll.UntilAsync(
        async () => agent.HasEnded ? throw new InvalidOperationException(agent.Log) : isSo(await StationAsync(http)), "the station");
}
