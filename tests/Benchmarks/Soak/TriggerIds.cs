using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Soak;

/// <summary>
/// Sends triggers whose ids are all different to the real agent, which remembers each for <c>outbox.trigger_memory</c>: each gets its verdict, and memory and
/// database stay within their limits.
/// </summary>
public static class TriggerIds
{
    private const string Camera = "top";
    private const int AtOnce = 32;

    // What the database may have beyond outbox.verdicts_mb: pages that are free, and the log of the transactions under way.
    private const double DatabaseSlack = 1.5;

    // The resident memory may grow by that much from the first tenth of the ids to the end; an id that were kept in memory would be 100 bytes.
    private const double MaxGrowthMb = 60;

    private static readonly TimeSpan VerdictTimeout = TimeSpan.FromMinutes(1);

    /// <returns>The exit code: 1 if a verdict is missing, or memory or database have grown beyond their limits.</returns>
    public static async Task<int> PrintAsync(int ids, TimeProvider clock)
    {
        using var station = new LearnedStation();
        await station.InitializeAsync();
        using var folder = new TemporaryFolder();
        await using var broker = await MosquittoBroker.StartNewAsync(settings: ["log_type none", "log_type information", "max_queued_messages 0"]);
        Directory.CreateDirectory(folder.File("parts"));
        LearnedStation.WritePart(folder.File("parts/0.png"), seed: 1);
        var config = station.Configure(folder, broker.Port, $$"""[{ "name": "{{Camera}}", "source": "folder:parts", "loop": true, "queue_length": 64, "heatmap": { "publish": "never" } }]""");
        var tree = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        var limit = (int)(tree["outbox"]?["verdicts_mb"] ?? new OutboxOptions().VerdictsMb);
        await using var agent = AgentProcess.Start(["run", "--config", config]);
        await agent.ListeningAsync();

        var topics = new StationTopics("site", "line", "s1");
        var pending = new System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource>(StringComparer.Ordinal);
        await using var link = new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = "line" }, null, clock, NullLogger.Instance);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += _ => connected.TrySetResult();
        var (verdicts, contradictions) = (0, 0);
        link.Subscribe(topics.State, (message, _) =>
        {
            if ((string?)JsonNode.Parse(message.Payload.Span)!["state"] is "Ready" or "Running")
                ready.TrySetResult();
            return Task.CompletedTask;
        });
        link.Subscribe(topics.Verdict(Camera), (message, _) =>
        {
            var id = (string)JsonNode.Parse(message.Payload.Span)!["trigger"]!["id"]!;
            Interlocked.Increment(ref verdicts);
            if (!pending.TryRemove(id, out var waiting))
                Interlocked.Increment(ref contradictions);
            waiting?.TrySetResult();
            return Task.CompletedTask;
        });
        link.Start();
        await connected.Task;
        await ready.Task.WaitAsync(VerdictTimeout);

        var watch = Stopwatch.StartNew();
        var (from, first) = (1, 0.0);
        var (growth, database) = (0.0, 0L);
        foreach (var until in (int[])[ids / 10, ids / 2, ids])
        {
            await Parallel.ForEachAsync(Enumerable.Range(from, until - from + 1), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (part, _) => await InspectAsync(part));
            from = until + 1;
            database = Directory.GetFiles(folder.File("state"), "results.db*").Sum(file => new FileInfo(file).Length);
            var resident = agent.MemoryNow / 1e6;
            first = first == 0 ? resident : first;
            growth = resident - first;
            Console.WriteLine(FormattableString.Invariant($"{until} ids: {verdicts} verdicts, {contradictions} of them not asked for, resident {resident:0} MB, results.db {database / 1e6:0.0} MB, {watch.Elapsed.TotalSeconds:0} s"));
        }

        // An id of the beginning is still known: its verdict comes again, and no second image is taken.
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pending[Id(ids)] = again;
        await link.PublishAsync(Trigger(ids), CancellationToken.None);
        await again.Task.WaitAsync(VerdictTimeout);
        var isPassed = verdicts == ids + 1 && contradictions == 0 && growth <= MaxGrowthMb && database <= DatabaseSlack * 1e6 * limit;
        Console.WriteLine(isPassed ? "passed" : "FAILED");
        return isPassed ? 0 : 1;

        async Task InspectAsync(int part)
        {
            var waiting = pending[Id(part)] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await link.PublishAsync(Trigger(part), CancellationToken.None);
            await waiting.Task.WaitAsync(VerdictTimeout);
        }

        MqttMessage Trigger(int part) => new(topics.Command("trigger"), Encoding.UTF8.GetBytes($$"""{"id":"{{Id(part)}}"}"""));
    }

    private static string Id(int part) => part.ToString("id-000000000", CultureInfo.InvariantCulture);
}
