using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Traces;
using MrfAd.Testing;
using MrfAd.Testing.Otlp;
using OpenTelemetry.Trace;

namespace MrfAd.Benchmarks;

/// <summary>Measures the cost of one frame's trace: its calls alone, with and without a listener, and two stations in turn, of which one sends traces to a collector.</summary>
internal static class TracesCost
{
    private const int Parts = 100_000;

    private static readonly TimeProvider Clock = TimeProvider.System;

    /// <param name="uploads">The number of images for each of the two stations.</param>
    public static async Task RunAsync(int uploads)
    {
        Print("nobody listens", Measure());
        await using var collector = await OtlpReceiver.StartAsync();
        using (var meter = new MrfAdMeter("0"))
        await using (var services = new ServiceCollection().AddSingleton(meter).AddLogging()
            .AddTraces(new StationOptions { Traces = new TracesOptions { Endpoint = collector.Address, QueueLength = 100_000 } }).BuildServiceProvider())
        {
            services.GetRequiredService<TracerProvider>();
            Print("sent to a collector, or dropped where it cannot keep up", Measure());
        }

        Print("nobody listens any more", Measure());
        await CompareAsync(uploads, collector.Address);
    }

    private static (double Nanoseconds, double Bytes) Measure()
    {
        Run(Parts / 10);
        var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        Run(Parts);
        return (Stopwatch.GetElapsedTime(start).TotalNanoseconds / Parts, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Parts);
    }

    /// <summary>Traces parts as the station does, without what stands in between.</summary>
    private static void Run(int parts)
    {
        for (var i = 0; i < parts; i++)
        {
            var timestamp = Clock.GetTimestamp();
            var trace = PartTrace.Begin(default, "mqtt", Clock.GetUtcNow(), timestamp, Clock);
            trace?.Add(SpanNames.Trigger, timestamp);
            trace?.Add(SpanNames.Capture, timestamp);
            trace?.Add(SpanNames.Queue, timestamp);
            using (trace?.Start(SpanNames.Inspect))
                StageSpans.Add(Clock, (StageSpans.Features, 1, 2), (StageSpans.Search, 2, 3), (StageSpans.Fuse, 3, 4), (StageSpans.Search, 4, 5));
            trace?.End(Verdict);
        }
    }

    /// <summary>Uploads the same images to two stations in turn, and prints their medians from request to verdict.</summary>
    private static async Task CompareAsync(int uploads, string collector)
    {
        using var learned = new LearnedStation();
        await learned.InitializeAsync();
        await using var broker = await MosquittoBroker.StartNewAsync(settings: ["log_type none", "log_type information"]);
        using var folders = new TemporaryFolder();
        using var http = new HttpClient();
        (string Name, Dictionary<string, string> Settings)[] kinds = [("without", []), ("with", new() { ["MRFAD__TRACES__ENDPOINT"] = collector })];
        var stations = new List<(string Name, AgentProcess Agent, Uri Url, List<double> Times)>();
        try
        {
            foreach (var (name, settings) in kinds)
            {
                using var folder = new TemporaryFolder();
                Directory.CreateDirectory(folders.File(name));
                settings["MRFAD__STATION"] = name;
                settings["MRFAD__STATE_FOLDER"] = folders.File(name);
                var agent = AgentProcess.Start(["run", "--config", learned.Configure(folder, broker.Port, """[{ "name": "web", "source": "http:", "trigger": "http" }]""")], settings);
                var url = await agent.ListeningAsync();
                stations.Add((name, agent, url, []));
                await Poll.UntilAsync(async () => (await http.GetAsync(new Uri(url, "healthz"))).IsSuccessStatusCode, "the station to be ready");
            }

            for (var i = 0; i < uploads + (uploads / 10); i++)
            {
                var image = LearnedStation.Part(seed: i);
                foreach (var station in stations)
                {
                    var start = Stopwatch.GetTimestamp();
                    using var answer = await http.PostAsync(new Uri(station.Url, "inspect"), new ByteArrayContent(image));
                    await answer.Content.ReadAsByteArrayAsync();
                    station.Times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }

            foreach (var (name, _, _, times) in stations)
            {
                var sorted = times.Skip(uploads / 10).Order().ToList();
                Console.WriteLine(FormattableString.Invariant($"a station {name} traces, {uploads} uploads of 96x64 px: request to verdict {sorted[sorted.Count / 2]:0.00} ms (median), {sorted[sorted.Count * 99 / 100]:0.00} ms (p99)"));
            }
        }
        finally
        {
            foreach (var station in stations)
                await station.Agent.DisposeAsync();
        }
    }

    private static VerdictMessage Verdict { get; } = new()
    {
        Id = Guid.NewGuid(),
        Seq = 1,
        Station = "s1",
        Camera = "top",
        Trigger = new VerdictTrigger { Id = "a", Source = "mqtt", At = DateTimeOffset.UnixEpoch },
        Verdict = Contracts.Verdict.Ok,
        Score = 1,
        Threshold = 2,
        Bank = new VerdictBank { Id = "bank", Version = 1, Sha256 = new string('a', 64) },
        TimingsMs = new VerdictTimings { Total = 1 },
    };

    private static void Print(string what, (double Nanoseconds, double Bytes) cost) =>
        Console.WriteLine(FormattableString.Invariant($"the calls of a part's trace, {what}: {cost.Nanoseconds:0} ns and {cost.Bytes:0} bytes"));
}
