using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

/// <summary>The models of products in a memory that has room for two of three, each of 100 bytes.</summary>
public sealed class ProductModelsTests : IAsyncDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly PendingShots _shots;
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;
    private readonly ActiveProducts _products;
    private readonly Dictionary<string, (Camera Camera, FakeSource Source)> _cameras = [];
    private readonly Channel<InspectionReport> _reports = Channel.CreateUnbounded<InspectionReport>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _capturing = [];
    private readonly ConcurrentQueue<string> _opened = new();
    private readonly ConcurrentDictionary<string, Action> _opening = new();
    private InspectionWorker _worker = null!;

    public ProductModelsTests()
    {
        (_health, _shots) = (new StationHealth(_clock), new PendingShots(_clock));
        _products = new ActiveProducts(new StationOptions
        {
            StateFolder = _folder.Path,
            Products = [.. "abc".Select(name => new ProductOptions { Name = $"{name}", Bank = $"{name}" })],
            Cameras = [new CameraOptions { Name = "top" }, new CameraOptions { Name = "side" }],
        });
        foreach (var name in (string[])["top", "side"])
        {
            var source = new FakeSource();
            var camera = new Camera(new CameraOptions { Name = name }, source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, NullLogger<Camera>.Instance) { Products = _products };
            _cameras[name] = (camera, source);
            _capturing.Add(camera.RunAsync(_stop.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_capturing).WaitAsync(WaitTimeout);
        _shots.Complete();
        await _worker.StopAsync(CancellationToken.None).WaitAsync(WaitTimeout);
        _worker.Dispose();
        _meter.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_there_is_room_for_stays_loaded_and_the_rest_is_opened_once()
    {
        await StartAsync();

        await LoadedAsync("a", "b");

        // While there is still room for one of those that do not stay, they are opened.
        Assert.Equal(["a", "c", "b"], _opened);
        Assert.Equal(StationState.Ready, _health.Current.State);
        Assert.Equal([("a", "top side"), ("b", ""), ("c", "")], _health.Current.Products.Select(p => (p.Product, string.Join(' ', p.Cameras))));
    }

    [Fact]
    public async Task A_part_waits_for_its_model_while_another_camera_goes_on_and_the_model_used_longest_ago_makes_room()
    {
        await StartAsync();
        await LoadedAsync("a", "b");
        using var gate = new ManualResetEventSlim();
        _opening["c"] = gate.Wait;

        Fire("top", "c");
        await Poll.UntilAsync(() => _health.Current.Reason == "parts of c wait while its model is loaded", "the state says that parts wait");
        Fire("top", "a");
        Fire("side", "a");
        Assert.Equal(("side", "a", Verdict.Ok), Judged(await NextAsync()));
        gate.Set();

        // In the order of the camera's triggers, whichever model was there first.
        Assert.Equal(("top", "c", Verdict.Ok), Judged(await NextAsync()));
        Assert.Equal(("top", "a", Verdict.Ok), Judged(await NextAsync()));
        await LoadedAsync("a", "c");
        Assert.Null(_health.Current.Reason);
    }

    [Fact]
    public async Task The_model_of_a_product_that_becomes_active_is_loaded_before_its_first_part()
    {
        await StartAsync();
        await LoadedAsync("a", "b");

        _products.Set("c", ["top"], "test", _clock.GetUtcNow());
        await LoadedAsync("a", "c");
        _products.Set("c", ["side"], "test", _clock.GetUtcNow());
        _products.Set("b", ["top"], "test", _clock.GetUtcNow());

        // No camera inspects a by now, and the models of active products stay.
        await LoadedAsync("b", "c");
    }

    [Fact]
    public async Task A_model_that_cannot_be_opened_costs_the_parts_of_its_product_and_no_others()
    {
        _opening["c"] = () => throw new IOException("c is damaged");
        await StartAsync();
        await LoadedAsync("a", "b");
        await Poll.UntilAsync(() => _health.Current.State == StationState.Degraded, "the state says so");
        Assert.Equal("the model of c cannot be opened: c is damaged", _health.Current.Reason);

        Fire("top", "c");
        Fire("top", "b");

        var refused = await NextAsync();
        Assert.Equal(("top", "c", Verdict.Invalid), Judged(refused));
        Assert.Equal("the model of 'c' cannot be opened: c is damaged", refused.Reason);
        Assert.Equal(("top", "b", Verdict.Ok), Judged(await NextAsync()));

        // Tried again after a while.
        _opening.Clear();
        _clock.Advance(TimeSpan.FromSeconds(11));
        Fire("top", "c");
        Assert.Equal(("top", "c", Verdict.Ok), Judged(await NextAsync()));
        await Poll.UntilAsync(() => _health.Current.State != StationState.Degraded, "the problem is over");
    }

    [Fact]
    public async Task Parts_that_wait_for_a_model_get_their_verdicts_at_a_stop()
    {
        await StartAsync();
        await LoadedAsync("a", "b");
        using var gate = new ManualResetEventSlim();
        _opening["c"] = gate.Wait;
        Fire("top", "c");
        await Poll.UntilAsync(() => _health.Current.Reason is not null, "the part waits");

        var stopping = _worker.StopAsync(CancellationToken.None);

        Assert.Equal(("top", "c", Verdict.Invalid), Judged(await NextAsync()));
        gate.Set();
        await _stop.CancelAsync();
        _shots.Complete();
        await stopping.WaitAsync(WaitTimeout);
    }

    private void Fire(string camera, string product)
    {
        _cameras[camera].Source.Give(50);
        Assert.Null(_cameras[camera].Camera.Fire(null, "mqtt", product: product)!.Refusal);
    }

    private static (string Camera, string? Product, Verdict Verdict) Judged(InspectionReport report) => (report.Shot.Camera.Options.Name, report.Shot.Trigger.Product, report.Verdict);

    private async Task<InspectionReport> NextAsync() => await _reports.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);

    private Task LoadedAsync(params string[] names) =>
        Poll.UntilAsync(() => names.SequenceEqual(_health.Current.Products.Where(p => p.Loaded).Select(p => p.Product)) && _opened.Count >= 3, $"{string.Join(", ", names)} are loaded");

    private async Task StartAsync()
    {
        var budget = new MemoryBudget(250);
        foreach (var name in "abc")
            await File.WriteAllBytesAsync(_folder.File($"{name}"), new byte[100]);
        var byProduct = "abc".ToDictionary(name => $"{name}", name => new Detector(() => BudgetedInspector.Open(new DetectorOptions { Bank = _folder.File($"{name}") }, _ => Open($"{name}"), budget), () => 100));
        var detectors = new Detectors(byProduct.SelectMany(p => _cameras.Keys.Select(camera => ((string?)p.Key, camera, p.Value))));
        var cameras = _cameras.Values.Select(c => c.Camera).ToList();
        var thresholds = new Thresholds(_folder.Path);
        var memory = new ModelMemory(detectors, _products, budget, _health, _meter, NullLogger<ModelMemory>.Instance);
        var reports = new DetectorReports(detectors, cameras, thresholds, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, NullLogger<InspectionWorker>.Instance);
        var drift = new DriftGuard(new DriftOptions(), _meter, _health, NullLogger<DriftGuard>.Instance);
        _worker = new InspectionWorker(
            new DetectorLoader(detectors, memory, reports, _health, _meter, _clock, NullLogger<InspectionWorker>.Instance),
            new ShotInspector(detectors, thresholds, drift, new PreviewSampler(enabled: false, _clock), _health, _meter, _clock, NullLogger<InspectionWorker>.Instance),
            _shots, _reports.Writer, _health, new Heartbeat(_clock), _meter, NullLogger<InspectionWorker>.Instance);
        await _worker.StartAsync(CancellationToken.None);
        await _shots.Opened.WaitAsync(WaitTimeout);
    }

    private FakeInspector Open(string product)
    {
        _opened.Enqueue(product);
        _opening.GetValueOrDefault(product)?.Invoke();
        return new FakeInspector();
    }
}
