using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

public sealed class InspectionWorkerTests : IAsyncLifetime
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly PendingShots _shots;
    private readonly FakeSource _source = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;
    private readonly Channel<InspectionReport> _reports = Channel.CreateUnbounded<InspectionReport>();
    private readonly CancellationTokenSource _cameraStop = new();
    private readonly Camera _camera;
    private Task _capturing = Task.CompletedTask;

    public InspectionWorkerTests()
    {
        _health = new StationHealth(_clock);
        _shots = new PendingShots(_clock);
        _camera = new Camera(new CameraOptions { Heatmap = new() { Publish = PublishWhen.Ng } }, _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, NullLogger<Camera>.Instance);
    }

    public ValueTask InitializeAsync()
    {
        _capturing = _camera.RunAsync(_cameraStop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _cameraStop.CancelAsync();
        await _capturing.WaitAsync(WaitTimeout);
        _cameraStop.Dispose();
        _folder.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Each_shot_ends_as_one_report_in_order()
    {
        using var worker = await StartAsync(new FakeInspector());
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(50);
        _source.Give(150);
        _source.Give(new IOException("gone"));

        for (var i = 0; i < 3; i++)
            _camera.Fire(null, "mqtt");
        var reports = new List<InspectionReport> { await NextAsync(), await NextAsync(), await NextAsync() };

        Assert.Equal([(1L, Verdict.Ok), (2L, Verdict.Ng), (3L, Verdict.Invalid)], reports.Select(r => (r.Shot.Trigger.Seq, r.Verdict)));
        Assert.Equal([50f, 150f, null], reports.Select(r => r.Judgement?.Score));
        Assert.Equal([false, true, false], reports.Select(r => r.Drawing is not null));
        Assert.Equal("gone", reports[2].Reason);
        Assert.Equal(StationState.Running, _health.Current.State);
        reports.ForEach(r => r.Dispose());
    }

    [Fact]
    public async Task A_heatmap_shows_exact_scores_where_the_map_holds_bounds()
    {
        var inspector = new FakeInspector { IsBounded = true };
        using var worker = await StartAsync(inspector);
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(50);
        _source.Give(150);
        _camera.Fire(null, "mqtt");
        _camera.Fire(null, "mqtt");

        using var good = await NextAsync();
        using var bad = await NextAsync();

        await bad.Drawing!.WaitAsync(WaitTimeout);
        Assert.True(good.Judgement!.IsBounded && bad.Judgement!.IsBounded);
        Assert.Equal((null, MapKind.Bounded), (good.Drawing, VerdictMessages.From(bad, "station").Map));
        Assert.Equal([inspector.Info.HeatmapScale.Low], inspector.MadeExact); // for the NG part alone, whose heatmap is drawn
    }

    [Fact]
    public async Task A_verdict_does_not_wait_for_its_heatmap_but_the_next_part_does()
    {
        using var drawing = new ManualResetEventSlim();
        using var worker = await StartAsync(new FakeInspector { Drawing = () => Assert.True(drawing.Wait(WaitTimeout)) });
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(150);
        _source.Give(50);
        _camera.Fire(null, "mqtt");
        _camera.Fire(null, "mqtt");

        using var first = await NextAsync();
        Assert.Equal((Verdict.Ng, null), (first.Verdict, first.Heatmap));
        var next = NextAsync();
        drawing.Set();
        using var second = await next;

        Assert.True(first.Drawing!.IsCompleted); // before the map was overwritten
        Assert.Equal((32, 24), (first.Heatmap!.Width, first.Heatmap.Height));
        Assert.Equal(Verdict.Ok, second.Verdict);
    }

    [Fact]
    public async Task A_heatmap_that_cannot_be_drawn_costs_the_heatmap()
    {
        using var worker = await StartAsync(new FakeInspector { Drawing = () => throw new InvalidOperationException("no memory") });
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(150);
        _source.Give(50);
        _camera.Fire(null, "mqtt");
        _camera.Fire(null, "mqtt");

        using var first = await NextAsync();
        using var second = await NextAsync();

        Assert.Equal((Verdict.Ng, Verdict.Ok), (first.Verdict, second.Verdict));
        Assert.Equal((true, null), (first.Drawing!.IsFaulted, first.Heatmap));
    }

    [Fact]
    public async Task Waiting_and_total_are_measured_from_capture_and_trigger()
    {
        using var judging = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        using var worker = await StartAsync(new FakeInspector
        {
            Inspecting = () =>
            {
                begun.TrySetResult();
                Assert.True(judging.Wait(WaitTimeout));
            },
        });
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(1);
        _source.Give(2);
        _camera.Fire(null, "mqtt");
        _camera.Fire(null, "mqtt");
        await _source.TakenAsync(2);
        await begun.Task.WaitAsync(WaitTimeout);

        _clock.Advance(TimeSpan.FromSeconds(3));
        judging.Set();

        using var first = await NextAsync();
        using var second = await NextAsync();
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(3)), (first.Queue, first.Total));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)), (second.Queue, second.Total));
    }

    [Fact]
    public async Task An_image_of_another_size_is_invalid_and_says_both()
    {
        using var worker = await StartAsync(new FakeInspector());
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(TestPart.Make(1, width: 8, height: 8));
        _camera.Fire(null, "mqtt");

        using var report = await NextAsync();
        Assert.Equal((Verdict.Invalid, "want 32x24, got 8x8 RGB 8 bit"), (report.Verdict, report.Reason));
        Assert.NotNull(report.Shot.Frame);
    }

    [Fact]
    public async Task A_part_that_cannot_be_aligned_is_invalid_with_the_measured_reason()
    {
        var fault = new ImageFault(ImageFaultKind.NotAligned, 0.21, 0.55);
        using var worker = await StartAsync(new FakeInspector { Inspecting = () => throw new ImageNotAlignedException(fault) });
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(50);
        _camera.Fire(null, "mqtt");

        using var report = await NextAsync();
        var message = VerdictMessages.From(report, "press");
        Assert.Equal((Verdict.Invalid, "the part cannot be aligned: correlation with the reference 0.21, want at least 0.55"), (message.Verdict, message.Reason));
        Assert.Equal(new VerdictFault { Kind = "not_aligned", Value = 0.21, Limit = 0.55 }, message.Fault);
        Assert.Null(message.Alignment);
    }

    [Fact]
    public async Task The_verdict_says_where_the_part_lies()
    {
        var place = new AlignmentResult(Similarity.About((10, 10), (12, 9), 30), 2, -1, 0.96, 0.2, 1);
        using var worker = await StartAsync(new FakeInspector { Alignment = place });
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(50);
        _camera.Fire(null, "mqtt");

        using var report = await NextAsync();
        var alignment = VerdictMessages.From(report, "press").Alignment!;
        Assert.Equal((2, -1, 0.96), (alignment.DxPx, alignment.DyPx, alignment.Quality));
        Assert.Equal(30, alignment.AngleDeg, 9);
        Assert.Equal(1, alignment.Scale, 9);
    }

    [Fact]
    public async Task A_stop_finishes_the_frame_in_hand_and_tells_the_others()
    {
        using var judging = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        var inspector = new FakeInspector
        {
            Inspecting = () =>
            {
                judging.Release();
                Assert.True(go.Wait(WaitTimeout));
            },
        };
        using var worker = await StartAsync(inspector);
        await _shots.Opened.WaitAsync(WaitTimeout);
        _source.Give(1);
        _source.Give(2);
        _camera.Fire(null, "mqtt");
        _camera.Fire(null, "mqtt");
        Assert.True(await judging.WaitAsync(WaitTimeout));
        await _source.TakenAsync(2);

        var stopping = worker.StopAsync(CancellationToken.None);
        await _cameraStop.CancelAsync();
        await _capturing.WaitAsync(WaitTimeout);
        _shots.Complete();
        go.Set();
        await stopping.WaitAsync(WaitTimeout);

        using var first = await NextAsync();
        using var second = await NextAsync();
        Assert.Equal((Verdict.Ok, Verdict.Invalid, "the station is stopping"), (first.Verdict, second.Verdict, second.Reason));
        Assert.True(inspector.IsDisposed);
        Assert.False(await _reports.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task A_trigger_while_the_detector_loads_is_answered_at_once()
    {
        using var loading = new ManualResetEventSlim();
        using var worker = await StartAsync(() =>
        {
            Assert.True(loading.Wait(WaitTimeout));
            return new FakeInspector();
        });

        _camera.Fire(null, "mqtt");

        using var report = await NextAsync();
        Assert.Equal((Verdict.Invalid, "the station is still preparing"), (report.Verdict, report.Reason));
        loading.Set();
        await _shots.Opened.WaitAsync(WaitTimeout);
    }

    [Fact]
    public async Task A_detector_that_cannot_be_opened_fails_the_worker_and_the_state_says_why()
    {
        using var worker = await StartAsync(() => throw new BankFormatException("the bank is cut off"));

        await Assert.ThrowsAsync<BankFormatException>(() => worker.ExecuteTask!.WaitAsync(WaitTimeout));

        Assert.Equal((StationState.Error, "InspectionWorker failed: the bank is cut off"), (_health.Current.State, _health.Current.Reason));
        Assert.False(await _reports.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task Whatever_a_detector_throws_costs_the_frame_and_several_in_a_row_make_the_station_degraded_until_one_is_judged()
    {
        var error = (Exception?)new InvalidOperationException("a search has failed");
        using var worker = await StartAsync(new FakeInspector { Inspecting = () => Throw(error) });
        await _shots.Opened.WaitAsync(WaitTimeout);
        using var dropped = new Counter(_meter, "mrfad_frames_dropped_total");
        var states = new List<StationState>();
        for (var i = 0; i < FaultStreak.Limit; i++)
            states.Add(await InspectAsync(Verdict.Invalid, "it could not be inspected: InvalidOperationException: a search has failed"));
        error = null;
        states.Add(await InspectAsync(Verdict.Ok, null));
        error = new InsufficientMemoryException("4 GB");
        states.Add(await InspectAsync(Verdict.Invalid, "it could not be inspected: InsufficientMemoryException: 4 GB"));

        Assert.Equal([StationState.Running, StationState.Running, StationState.Degraded, StationState.Running, StationState.Running], states);
        Assert.Equal(4, dropped.Sum);
        Assert.False(worker.ExecuteTask!.IsCompleted);

        async Task<StationState> InspectAsync(Verdict verdict, string? reason)
        {
            _source.Give(50);
            _camera.Fire(null, "mqtt");
            using var report = await NextAsync();
            Assert.Equal((verdict, reason), (report.Verdict, report.Reason));
            return _health.Current.State;
        }

        static void Throw(Exception? error)
        {
            if (error is not null)
                throw error;
        }
    }

    [Fact]
    public async Task A_handler_that_throws_ends_neither_the_others_nor_the_station_and_the_state_names_it()
    {
        using var worker = await StartAsync(new FakeInspector());
        var heard = new List<long>();
        worker.Judged += Fail;
        worker.Judged += report => heard.Add(report.Shot.Trigger.Seq);
        await _shots.Opened.WaitAsync(WaitTimeout);
        for (byte i = 1; i <= 2; i++)
        {
            _source.Give(i);
            _camera.Fire(null, "mqtt");
            (await NextAsync()).Dispose();
        }

        Assert.Equal([1, 2], heard);
        Assert.Equal(StationState.Degraded, _health.Current.State);
        Assert.Equal("InspectionWorkerTests failed at camera1 #2: InvalidOperationException: a bug", _health.Current.Reason);
    }

    private static void Fail(InspectionReport report) => throw new InvalidOperationException("a bug");

    private Task<InspectionWorker> StartAsync(IInspector inspector) => StartAsync(() => inspector);

    private async Task<InspectionWorker> StartAsync(Func<IInspector> open)
    {
        var (detectors, thresholds) = (new Detectors([(null, "camera1", new Detector(open))]), new Thresholds(_folder.Path));
        var drift = new DriftGuard(new DriftOptions(), _meter, _health, NullLogger<DriftGuard>.Instance);
        var memory = new ModelMemory(detectors, new ActiveProducts(new StationOptions()), new(long.MaxValue), _health, _meter, NullLogger<ModelMemory>.Instance);
        var loaded = new DetectorReports(detectors, [_camera], thresholds, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, NullLogger<InspectionWorker>.Instance);
        var worker = new InspectionWorker(
            new DetectorLoader(detectors, memory, loaded, _health, _meter, _clock, NullLogger<InspectionWorker>.Instance),
            new ShotInspector(detectors, thresholds, drift, new PreviewSampler(enabled: false, _clock), _health, _meter, _clock, NullLogger<InspectionWorker>.Instance),
            _shots, _reports.Writer, _health, new Heartbeat(_clock), _meter, NullLogger<InspectionWorker>.Instance);
        await worker.StartAsync(CancellationToken.None);
        return worker;
    }

    private async Task<InspectionReport> NextAsync() => await _reports.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);
}
