using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Cameras;

/// <summary>Measures the time of a frame between camera and verdict without encoder and search, at 2048x2048, from the fake GigE camera.</summary>
internal static class HandOver
{
    private const int Side = 2048, WarmUp = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(string encoder, int frames, string format)
    {
        using var folder = new TemporaryFolder();
        await using var fake = await FakeGigECamera.StartedAsync();
        await File.WriteAllTextAsync(folder.File("camera.json"), $$"""{ "pixel_format": "{{format}}", "region": { "x": 0, "y": 0, "width": {{Side}}, "height": {{Side}} }, "packet_size": 8000 }""");
        var options = new CameraOptions { Name = "top", Source = fake.Source, Profile = folder.File("camera.json"), Deadline = Timeout, CheckImage = true };

        using var meter = new MrfAdMeter("0");
        var clock = TimeProvider.System;
        var (health, shots, reports) = (new StationHealth(clock), new PendingShots(clock), Channel.CreateUnbounded<InspectionReport>());
        var camera = new Camera(options, problem => FrameSources.Open(options, () => ImageLimits.Default, clock, problem, _ => { }, (_, _) => { }), shots, new FrameLimits(new(), new(long.MaxValue)), health, meter, clock, NullLogger<Camera>.Instance);
        using var stop = new CancellationTokenSource();
        var capturing = Task.Run(() => camera.RunAsync(stop.Token));
        await LearnAsync(camera, encoder, folder);

        var detectors = new Detectors([(null, "top", new Detector(() => MrfAdInspector.Open(encoder, folder.File("bank"), Environment.ProcessorCount, clock)))]);
        var thresholds = new Thresholds(folder.File("state"));
        var drift = new DriftGuard(new DriftOptions(), meter, health, NullLogger<DriftGuard>.Instance);
        using var worker = new InspectionWorker(
            new DetectorLoader(
                detectors, new ModelMemory(detectors, new ActiveProducts(new StationOptions()), new(long.MaxValue), health, meter, NullLogger<ModelMemory>.Instance),
                new DetectorReports(detectors, [camera], thresholds, new FrameLimits(new(), new(long.MaxValue)), health, meter, NullLogger<InspectionWorker>.Instance), health, meter, clock, NullLogger<InspectionWorker>.Instance),
            new ShotInspector(detectors, thresholds, drift, new PreviewSampler(enabled: false, clock), health, meter, clock, NullLogger<InspectionWorker>.Instance),
            shots, reports.Writer, health, new Heartbeat(clock), meter, NullLogger<InspectionWorker>.Instance);
        await worker.StartAsync(default);
        await shots.Opened.WaitAsync(Timeout);

        var (rows, allocated) = (new List<double[]>(), new List<double>());
        for (var i = 0; i < WarmUp + frames;)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var fired = camera.Fire(null, "mqtt")!;
            using var report = await reports.Reader.ReadAsync().AsTask().WaitAsync(Timeout);
            if (report.Judgement is not { } judgement)
            {
                // A busy machine loses packets even on loopback.
                Console.Error.WriteLine(report.Reason);
                continue;
            }

            if (i++ < WarmUp)
                continue;
            allocated.Add(GC.GetTotalAllocatedBytes(precise: true) - before);
            var judged = judgement.Times.Features + judgement.Times.Search;
            var taken = clock.GetElapsedTime(fired.Timestamp, report.Shot.QueuedAt);
            rows.Add([
                (taken - report.Shot.Frame!.Decode).TotalMilliseconds, report.Shot.Frame.Decode.TotalMilliseconds, judgement.Times.Features.TotalMilliseconds,
                judgement.Times.Search.TotalMilliseconds, (report.Total - taken + report.Shot.Frame.Decode - judged).TotalMilliseconds, report.Total.TotalMilliseconds]);
        }

        var m = Enumerable.Range(0, 6).Select(c => rows.Select(r => r[c]).Order().ElementAt(rows.Count / 2)).ToArray();
        Console.WriteLine(FormattableString.Invariant($"{format} {Side}x{Side}, median of {frames} frames, ms: camera and wire {m[0]:0}, out of the driver's memory {m[1]:0.0}, features {m[2]:0}, search {m[3]:0}, trigger to verdict {m[5]:0}"));
        Console.WriteLine(FormattableString.Invariant($"neither camera, encoder nor search: {m[4]:0.0} ms, {100 * m[4] / (m[2] + m[3] + m[4]):0.0} % (copy, check of the image, queue, fusion, heatmap); managed allocations {allocated.Order().ElementAt(frames / 2) / 1024:0} KiB a frame"));
        await stop.CancelAsync();
        await capturing;
        shots.Complete();
        await worker.StopAsync(default);
    }

    /// <summary>Learns a bank from the camera's own frames.</summary>
    private static async Task LearnAsync(Camera camera, string encoder, TemporaryFolder folder)
    {
        var images = new List<string>();
        while (images.Count < 4)
        {
            try
            {
                using var image = await camera.SnapshotAsync(default);
                images.Add(folder.File($"{images.Count}.png"));
                await File.WriteAllBytesAsync(images[^1], ImageCodec.Encode(image, ImageFormat.Png));
            }
            catch (IOException e)
            {
                Console.Error.WriteLine(e.Message);
            }
        }

        using var phi = Encoder.Open(encoder, null, Environment.ProcessorCount);
        new BankLearner(phi, TimeProvider.System).Learn(new LearnRequest { Images = images, Id = "hand-over", Created = default, Folds = 2 }, folder.File("bank"), null, default);
    }
}
