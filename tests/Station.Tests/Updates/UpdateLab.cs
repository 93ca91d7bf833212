using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>The parts of a station that carry out updates, without cameras. The bank "fake" version 5 judges by the first pixel: 100 and above is NG.</summary>
public sealed class UpdateLab : IAsyncDisposable
{
    public const int Version = 5;

    private static TimeSpan Timeout => TestTimeout.Value;

    private readonly MrfAdMeter _meter = new("0");
    private UpdateWorker? _worker;
    private CanaryMonitor? _canary;
    private int _openInspectors;

    public TemporaryFolder Folder { get; } = new();

    public BankSigner Signer { get; } = new();

    public MemoryBroker Broker { get; } = new();

    public StationTopics Topics { get; } = new("site", "line", "s1");

    public UpdateOptions Options { get; set; } = new() { KeepFreeMb = 1 };

    /// <summary>The clock of the updates alone.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public BankDisk Disk { get; set; } = new();

    /// <summary>Called before a version is opened.</summary>
    public Action<DetectorOptions> Opening { get; set; } = _ => { };

    /// <summary>Called inside each inspection.</summary>
    public Action Inspecting { get; set; } = () => { };

    /// <summary>Number of inspectors that were opened and not yet disposed of.</summary>
    public int OpenInspectors => _openInspectors;

    public RecentFrames Recent { get; } = new(10_000_000, new(long.MaxValue));

    public BankStatus Status { get; private set; } = new();

    public StationBank Bank { get; private set; } = null!;

    public UpdateWorker Updates => _worker!;

    public string State => Folder.File("state");

    /// <summary>Starts or restarts the station.</summary>
    public async Task StartAsync()
    {
        var configured = Folder.File("configured.mrfbank");
        if (!File.Exists(configured))
            TestModel.Write(configured, Version);
        var clock = TimeProvider.System;
        var options = Options.TrustedKeys.Count > 0 ? Options : Options with { TrustedKeys = [Signer.Trusted] };
        var health = new StationHealth(clock);
        var store = new BankStore(Path.Combine(State, "banks"), configured, Disk);
        Bank = new StationBank(new ConfiguredDetector(null, null, new DetectorOptions { Bank = configured }, [new CameraOptions().Name]), store, Open, new AuditLog(State), clock, NullLogger<StationBank>.Instance);
        Bank.Detector.Open(_ => { });
        Status = new BankStatus();
        var link = Broker.Connect();
        var connection = new BrokerConnection(link, health);
        link.Start();
        var publisher = new BankPublisher(Status, Bank, link, connection, Topics, _meter, clock, NullLogger<BankPublisher>.Instance);
        var exchange = new ChunkExchange(Broker.Connect(), Topics, clock, NullLogger.Instance);
        var shadow = new ShadowRun(options, Bank, Recent, new Thresholds(State));
        var steps = new UpdateSteps(options, Bank, exchange, new FileFetch(new HttpClient(), clock), shadow, Recent, Status, Clock);
        _worker = new UpdateWorker(steps, Bank, new UpdateTrust(options, "s1", State, clock), exchange, Status, publisher, health, NullLogger<UpdateWorker>.Instance);
        _canary = new CanaryMonitor(Bank, Recent, Status, health);
        await _worker.StartAsync(CancellationToken.None);
        await _canary.StartAsync(CancellationToken.None);
    }

    private FileInspector Open(DetectorOptions options)
    {
        Opening(options);
        Interlocked.Increment(ref _openInspectors);
        return new FileInspector(options.Bank) { Inspecting = () => Inspecting(), Disposing = () => Interlocked.Decrement(ref _openInspectors) };
    }

    public async Task StopAsync()
    {
        await (_worker?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
        await (_canary?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
        Bank?.Dispose();
    }

    /// <summary>Pushes a signed file over MQTT.</summary>
    /// <returns>The outcome that the station reports.</returns>
    public async Task<BankOutcome> PushAsync(string path)
    {
        await using var link = Broker.Connect();
        using var end = new CancellationTokenSource(Timeout);
        return await new BankPush(link, Topics, path, TimeProvider.System).RunAsync(null, end.Token);
    }

    /// <summary>Lets the station fetch a file itself.</summary>
    /// <returns>The outcome of the update.</returns>
    public async Task<BankOutcome> FetchAsync(string source)
    {
        var ended = new TaskCompletionSource<BankOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Bank.Store.Banks.Last?.At;
        Status.Changed += () =>
        {
            if (Status.Update is null && Bank.Store.Banks.Last is { } last && last.At != before)
                ended.TrySetResult(last);
        };
        using var http = new HttpClient();
        Updates.Offer(await new FileFetch(http, TimeProvider.System).OfferAsync(source, CancellationToken.None), source, "test");
        return await ended.Task.WaitAsync(Timeout);
    }

    /// <summary>Reports a frame with the given brightness of its first pixel.</summary>
    /// <param name="by">The bank that the verdict names; null for the one that judged it.</param>
    public Verdict Judge(byte brightness, InspectorInfo? by = null)
    {
        var image = new Image(32, 24, 1);
        image.Bytes.Fill(brightness);
        var camera = new Camera(new CameraOptions(), _ => throw new InvalidOperationException("no camera"), new PendingShots(TimeProvider.System), new FrameLimits(new(), new(long.MaxValue)), new StationHealth(TimeProvider.System), _meter, TimeProvider.System, NullLogger<Camera>.Instance);
        var trigger = new Trigger(Guid.CreateVersion7(), 1, "part", "test", DateTimeOffset.UnixEpoch, 0, null);
        var shot = new Shot(camera, trigger, new Frame(image, "part.png", default), null, null, 0);
        using var report = Bank.Detector.Judge(inspector =>
        {
            var i = inspector.Inspect(image);
            var judgement = new Judgement(by ?? inspector.Info, i.Score, i.Threshold, i.PValue, i.Regions, i.Times, []);
            return new InspectionReport(shot, i.IsDefective ? Verdict.Ng : Verdict.Ok, null, judgement, default, default, null);
        });
        Recent.Add(report);
        return report.Verdict;
    }

    /// <summary>Completes when the last outcome is the given one.</summary>
    public async Task<BankOutcome> LastAsync(UpdateResult result)
    {
        var there = new TaskCompletionSource<BankOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Bank.Store.Banks.Last is { } last && last.Result == result)
                there.TrySetResult(last);
        }

        Status.Changed += Look;
        Look();
        return await there.Task.WaitAsync(Timeout);
    }

    /// <summary>Publishes an offer and returns the reason of its refusal.</summary>
    public async Task<string> OfferAsync(byte[] payload)
    {
        await using var link = Broker.Connect();
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.Subscribe(Topics.UpdateRefusal, (message, _) =>
        {
            refused.TrySetResult(JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.OfferRefusal)!.Reason);
            return Task.CompletedTask;
        });
        link.Start();
        // The station may not have subscribed yet.
        for (var tries = 0; !refused.Task.IsCompleted && tries < 100; tries++)
        {
            await link.PublishAsync(new MqttMessage(Topics.UpdateOffer, payload), CancellationToken.None);
            await Task.WhenAny(refused.Task, Task.Delay(200));
        }

        return await refused.Task.WaitAsync(Timeout);
    }

    public Task<string> OfferAsync(SignedManifest offer) => OfferAsync(Manifests.Bytes(offer));

    /// <summary>Makes and signs a model.</summary>
    public string Make(int version = Version + 1, Action<JsonObject, float[]>? change = null, string id = "fake") =>
        Signer.Sign(TestModel.Write(Signer.File($"{id}-{version}-{Guid.NewGuid():N}.mrfbank"), version, id, change: change));

    public static ModelManifest Manifest(string path) => JsonSerializer.Deserialize(Manifests.ReadBeside(path).Manifest, MessageJson.Default.ModelManifest)!;

    /// <summary>Returns an image file with the given brightness of its first pixel, for a reference part or a frame.</summary>
    public static byte[] Part(byte brightness)
    {
        using var image = new Image(32, 24, 1);
        image.Bytes.Fill(brightness);
        return ImageCodec.Encode(image, ImageFormat.Png);
    }

    public void AddGolden(string kind, byte brightness)
    {
        Directory.CreateDirectory(Folder.File($"golden/{kind}"));
        File.WriteAllBytes(Folder.File($"golden/{kind}/{brightness}.png"), Part(brightness));
        Options = Options with { GoldenFolder = Folder.File("golden") };
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Recent.Dispose();
        _meter.Dispose();
        Signer.Dispose();
        Folder.Dispose();
    }
}
