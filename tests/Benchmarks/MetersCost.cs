using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Http;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Benchmarks;

/// <summary>Measures the cost of one frame's metrics, drift guard included, beside the same calls without a listener; and the cost of a scrape.</summary>
internal static class MetersCost
{
    private const int Frames = 200_000;
    private const int Scrapes = 500;

    private static readonly string[] Stages = ["check", "decode", "queue", "features", "search", "fuse"];
    private static readonly InspectorInfo Info = new("bank", 1, new string('a', 64), "encoder", new string('b', 64), 10, new HeatmapScale(0, 20), new ReferenceStatistics
    {
        MinBrightness = 0,
        MaxSaturated = 1,
        MinSharpness = 0,
        Mean = [],
        Appearance = new ReferenceAppearance { Grey = [], Light = new ReferenceValue(0, 0.02), Focus = new ReferenceValue(0, 0.05), X = new ReferenceValue(0, 0.004), Y = new ReferenceValue(0, 0.004) },
    });

    public static async Task RunAsync()
    {
        using (var silent = new MrfAdMeter("0"))
            Print("nobody listens", silent, 1, Measure(silent, guard: null, 1));
        foreach (var cameras in (int[])[1, 8])
        {
            using var meter = new MrfAdMeter("0");
            await using var app = Serve(meter);
            await app.StartAsync();
            Print("listened to", meter, cameras, Measure(meter, guard: null, cameras));
            var guard = new DriftGuard(new DriftOptions(), meter, new StationHealth(TimeProvider.System), NullLogger<DriftGuard>.Instance);
            Print("and the drift guard", meter, cameras, Measure(meter, guard, cameras));
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            await ScrapeAsync(http, cameras);
        }
    }

    private static WebApplication Serve(MrfAdMeter meter)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(_ => meter);
        var app = builder.Build();
        app.MapMrfAdMetrics();
        return app;
    }

    private static (double Nanoseconds, double Bytes) Measure(MrfAdMeter meter, DriftGuard? guard, int cameras)
    {
        var names = Enumerable.Range(1, cameras).Select(i => $"camera{i}").ToArray();
        Record(Frames / 10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Record(Frames);
        return (Stopwatch.GetElapsedTime(start).TotalNanoseconds / Frames, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Frames);

        void Record(int frames)
        {
            for (var i = 0; i < frames; i++)
                Frame(meter, guard, names[i % cameras], i);
        }
    }

    /// <summary>Records the metrics of a judged frame as <c>InspectionWorker</c> does.</summary>
    private static void Frame(MrfAdMeter meter, DriftGuard? guard, string camera, int i)
    {
        var duration = TimeSpan.FromMilliseconds(1 + (i % 100));
        guard?.AddImage(camera, Info, new ImageDrift(0.01 * (i % 50), -0.01 * (i % 70), 0.1, -0.1));
        guard?.AddScore(camera, Info, (1 + (i % 50)) / 51.0);
        meter.Inspected(camera, i % 10 == 0 ? "NG" : "OK", duration, Guid.Empty);
        foreach (var stage in Stages)
            meter.Stage(camera, stage, duration);
        meter.Scored(camera, i % 30);
    }

    private static void Print(string what, MrfAdMeter meter, int cameras, (double Nanoseconds, double Bytes) cost) =>
        Console.WriteLine(FormattableString.Invariant($"{meter.Meter.Name}, {cameras} cameras, {what}: {cost.Nanoseconds:0} ns and {cost.Bytes:0} bytes a frame"));

    private static async Task ScrapeAsync(HttpClient http, int cameras)
    {
        var (times, length) = (new List<double>(), 0);
        for (var i = 0; i < Scrapes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            length = (await http.GetByteArrayAsync("/metrics")).Length;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        Console.WriteLine(FormattableString.Invariant($"a scrape over loopback, {cameras} cameras: {times.Order().ElementAt(Scrapes / 2):0} µs (median), {length} bytes"));
    }
}
