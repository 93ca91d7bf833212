using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Line;

/// <summary>
/// Checks that memory does not grow during hours of a line in compressed time: the real agent with a real mosquitto, a trigger as soon as the part before
/// has its verdict, evidence and all pictures on, and requests of the page and of /metrics meanwhile.
/// </summary>
public static class LineHour
{
    /// <summary>Number of parts in an hour of a line with a part a second.</summary>
    public const int PartsPerHour = 3600;

    private const string Camera = "top";

    // That is every 25 s on such a line, about as often as a page polls.
    private const int PartsPerSample = 25;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    /// <returns>The exit code: 1 if a verdict is missing or memory grows.</returns>
    /// <param name="heap">Limit of the agent's managed heap in MB; 0 for none.</param>
    public static async Task<int> PrintAsync(int minutes, int heap, TimeProvider clock)
    {
        using var station = new LearnedStation();
        await station.InitializeAsync();
        var result = await RunAsync(minutes * PartsPerHour / 60, warmUp: PartsPerHour / 4, station, clock, heap);
        Console.WriteLine(result);
        return result.IsPassed ? 0 : 1;
    }

    /// <param name="warmUp">Number of parts before the first sample, in which the station's stores (last verdicts with pictures, frames, evidence) fill up.</param>
    public static async Task<LineHourResult> RunAsync(int parts, int warmUp, LearnedStation station, TimeProvider clock, int heap = 0)
    {
        using var end = new CancellationTokenSource(Timeout, clock);
        using var folder = new TemporaryFolder();
        await using var broker = await MosquittoBroker.StartNewAsync(settings: ["log_type none", "log_type information"]);
        var topics = new StationTopics("site", "line", "s1");
        await using var listener = new SoakListener(Link("quality", broker, clock), topics, Camera, clock);
        await using var agent = AgentProcess.Start(
            ["run", "--config", Configure(station, folder, broker.Port)],
            heap == 0 ? null : new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = $"0x{heap * 1_000_000L:x}" });
        await listener.Ready.WaitAsync(end.Token);
        using var page = new HttpClient { BaseAddress = await agent.ListeningAsync() };
        await using var line = Link("line", broker, clock);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        line.ConnectionChanged += _ => connected.TrySetResult();
        line.Start();
        await connected.Task.WaitAsync(end.Token);

        TaskCompletionSource<VerdictMessage>? waiting = null;
        listener.VerdictReceived += verdict => waiting!.TrySetResult(verdict);
        var (samples, managed) = (new List<(int Part, double Megabytes)>(), new List<(int Part, double Megabytes)>());
        var start = clock.GetTimestamp();
        for (var part = 1; part <= warmUp + parts; part++)
        {
            waiting = new TaskCompletionSource<VerdictMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
            await line.PublishAsync(new MqttMessage(topics.Command("trigger"), System.Text.Encoding.UTF8.GetBytes($$"""{"id":"part-{{part}}"}""")), end.Token);
            var verdict = await waiting.Task.WaitAsync(end.Token);
            if (part % PartsPerSample != 0)
                continue;
            foreach (var path in (string[])["/api/station", "/api/verdicts", $"/api/scores?camera={Camera}", $"/api/pictures/{verdict.Id}/frame"])
                using (await page.GetAsync(path, end.Token)) // the picture may not exist yet
                {
                }

            var metrics = await page.GetStringAsync("/metrics", end.Token);
            if (part <= warmUp)
                continue;
            samples.Add((part - warmUp, Memory(metrics, "resident")));
            managed.Add((part - warmUp, Memory(metrics, "managed")));
        }

        return new LineHourResult(parts, listener.Count - warmUp, clock.GetElapsedTime(start), samples, managed);
    }

    /// <returns>The agent's memory in MB, from its own metrics.</returns>
    private static double Memory(string metrics, string kind)
    {
        var series = $$"""mrfad_memory_bytes{kind="{{kind}}"} """;
        var line = metrics.Split('\n').Single(l => l.StartsWith(series, StringComparison.Ordinal));
        return 1e-6 * double.Parse(line[series.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Configures small stores, which are full before the first sample.</summary>
    private static string Configure(LearnedStation station, TemporaryFolder folder, int port)
    {
        Directory.CreateDirectory(folder.File("parts"));
        for (var i = 0; i < 16; i++)
            LearnedStation.WritePart(folder.File($"parts/{i:00}.png"), seed: 100 + i, defective: i % 8 == 7);
        var config = station.Configure(folder, port, string.Create(CultureInfo.InvariantCulture, $$"""
            [{ "name": "{{Camera}}", "source": "folder:parts", "loop": true, "frame": { "publish": "always" } }]
            """));
        var tree = JsonNode.Parse(File.ReadAllText(config))!;
        tree["evidence"] = new JsonObject { ["budget_mb"] = 2, ["ok_one_in"] = 4 };
        tree["updates"] = new JsonObject { ["recent_frames_mb"] = 4 };
        tree["outbox"] = new JsonObject { ["verdicts_mb"] = 1, ["pictures_mb"] = 4 };
        File.WriteAllText(config, tree.ToJsonString());
        return config;
    }

    private static MqttNetLink Link(string name, MosquittoBroker broker, TimeProvider clock) =>
        new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = name }, null, clock, NullLogger.Instance);
}
